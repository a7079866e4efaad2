package tables

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// ToUTF8 brings a table or a feed into UTF-8. Excel writes «CSV» in Windows-1251 and
// «Unicode text» in UTF-16; a mark at the beginning, or the bytes themselves,
// tell which. Single broken bytes in a UTF-8 text stay: they are a post's own
// fault, and no reason to refuse its neighbours.
func ToUTF8(raw []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(raw, []byte("\xef\xbb\xbf")):
		return raw[3:], nil
	case bytes.HasPrefix(raw, []byte{0xff, 0xfe, 0, 0}), bytes.HasPrefix(raw, []byte{0, 0, 0xfe, 0xff}):
		return nil, errors.New("файл в UTF-32: сохраните его в UTF-8")
	case bytes.HasPrefix(raw, []byte{0xff, 0xfe}):
		return fromUTF16(raw[2:], binary.LittleEndian)
	case bytes.HasPrefix(raw, []byte{0xfe, 0xff}):
		return fromUTF16(raw[2:], binary.BigEndian)
	case len(raw) >= 2 && raw[0] != 0 && raw[1] == 0: // a table begins with a column's name, JSON with «{»
		return fromUTF16(raw, binary.LittleEndian)
	case len(raw) >= 2 && raw[0] == 0 && raw[1] != 0:
		return fromUTF16(raw, binary.BigEndian)
	}
	c := countBytes(raw)
	switch {
	case c.broken == 0 || c.letters >= c.broken:
		return raw, nil
	case c.lower > c.upper && 10*(c.lower+c.upper) > 7*c.broken:
		out, err := charmap.Windows1251.NewDecoder().Bytes(raw)
		if err != nil {
			return nil, fmt.Errorf("прочитать как Windows-1251: %w", err)
		}
		return out, nil
	}
	return nil, fmt.Errorf("кодировка не распознана: строка %d — не UTF-8, и на Windows-1251 не похоже; сохраните файл как «CSV UTF-8»", c.line)
}

func fromUTF16(raw []byte, order binary.ByteOrder) ([]byte, error) {
	if len(raw)%2 != 0 {
		return nil, errors.New("текст в UTF-16 обрывается на половине знака")
	}
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = order.Uint16(raw[2*i:])
	}
	return []byte(string(utf16.Decode(units))), nil
}

// byteCount is what the bytes of a text look like. In Windows-1251 most of them
// are letters and most letters small; in KOI8-R small and capital stand the other
// way round, in CP866 half of the letters stand elsewhere.
type byteCount struct {
	letters int // whole characters of UTF-8 beyond ASCII
	broken  int // bytes that are no UTF-8
	line    int // of the first of these
	lower   int // of these, where Windows-1251 has small Russian letters
	upper   int // and capital ones
}

func countBytes(raw []byte) (c byteCount) {
	line := 1
	for len(raw) > 0 {
		r, size := utf8.DecodeRune(raw)
		switch {
		case r == utf8.RuneError && size == 1:
			if c.broken++; c.broken == 1 {
				c.line = line
			}
			if raw[0] >= 0xe0 {
				c.lower++
			} else if raw[0] >= 0xc0 {
				c.upper++
			}
		case r == '\n':
			line++
		case size > 1:
			c.letters++
		}
		raw = raw[size:]
	}
	return c
}

// lineFeeds ends the lines of a table as all others do where they end as Excel for
// Mac once ended them, with nothing but CR. Lines inside its cells end with LF, so
// the first end outside quotes tells.
func lineFeeds(text []byte) []byte {
	quoted := false
	for i, c := range text {
		switch {
		case c == '"':
			quoted = !quoted
		case c == '\n' && !quoted, i > 1<<16: // no heading is that long
			return text
		case c == '\r' && !quoted:
			if rest := bytes.TrimLeft(text[i:], "\r"); len(rest) == 0 || rest[0] == '\n' {
				return text
			}
			return bytes.ReplaceAll(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
		}
	}
	return text
}
