package text

import "unicode"

func isASCIILetter(r rune) bool { return r|0x20 >= 'a' && r|0x20 <= 'z' }

// isPlainCyrillic: а–я and А–Я, without ё.
func isPlainCyrillic(r rune) bool { return r >= 'А' && r <= 'я' }

// isPlainPair: the two bytes are a letter а–я.
func isPlainPair(first, second byte) bool {
	return first == 0xd0 && second >= 0xb0 && second <= 0xbf || first == 0xd1 && second >= 0x80 && second <= 0x8f
}

// lower is unicode.ToLower with the common letters first.
func lower(r rune) rune {
	switch {
	case r >= 'а' && r <= 'я':
		return r
	case r >= 'А' && r <= 'Я':
		return r + ('а' - 'А')
	}
	return unicode.ToLower(r)
}

// isLetter is unicode.IsLetter with the common letters first.
func isLetter(r rune) bool { return isPlainCyrillic(r) || unicode.IsLetter(r) }

// foldLetter makes ё an е.
func foldLetter(low rune) rune {
	if low == 'ё' {
		return 'е'
	}
	return low
}

// lookAlike is the Cyrillic letter a Latin one (in lower case) is taken for, 0
// when there is none. Some only look alike as capitals.
func lookAlike(low rune, upper bool) rune {
	switch low {
	case 'a':
		return 'а'
	case 'c':
		return 'с'
	case 'e':
		return 'е'
	case 'k':
		return 'к'
	case 'm':
		return 'м'
	case 'o':
		return 'о'
	case 'p':
		return 'р'
	case 't':
		return 'т'
	case 'x':
		return 'х'
	case 'y':
		return 'у'
	case 'h':
		return 'н'
	case 'b':
		if upper {
			return 'в'
		}
		return 'ь'
	}
	return 0
}

// foldPunct brings the many quotes, dashes and ellipses down to one of each.
func foldPunct(r rune) rune {
	switch r {
	case '«', '»', '“', '”', '„', '‟', '″', '❝', '❞':
		return '"'
	case '‘', '’', '‚', '`', '´', 'ʼ':
		return '\''
	case '‐', '‑', '−', '﹣', '－':
		return '-'
	case '–', '—', '―', '⁠':
		return '—'
	case '！':
		return '!'
	case '？':
		return '?'
	}
	return r
}

// isInvisible: zero-width characters, soft hyphen, direction marks, variation
// selectors: written by phones, copied from the web, or put in to fool filters.
func isInvisible(r rune) bool {
	switch r {
	case '\u00ad', '\ufeff', '\u2060', '\u180e', '\u034f', '\u061c', '\ufffc':
		return true
	}
	return r >= '\u200b' && r <= '\u200f' || r >= '\u202a' && r <= '\u202e' ||
		r >= '\u2061' && r <= '\u206f' || r >= '\ufe00' && r <= '\ufe0f' ||
		r >= 0xe0000 && r <= 0xe0fff
}

// isPictogram: emoji and other drawn symbols. They often stand where a full
// stop would.
func isPictogram(r rune) bool {
	switch {
	case r == '№' || r == '°' || r == '©' || r == '®' || r == '™':
		return false
	case r >= 0x1f000 && r <= 0x1faff, r >= 0x2600 && r <= 0x27bf, r >= 0x2b00 && r <= 0x2bff:
		return true
	}
	return unicode.Is(unicode.So, r) || unicode.Is(unicode.Sk, r) && r > 0x7f
}
