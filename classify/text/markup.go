package text

import (
	"html"
	"strings"
	"unicode/utf8"
)

const (
	maxEntity  = 32   // bytes of an HTML entity
	maxTag     = 2000 // bytes of an HTML tag, long style attributes included
	maxMention = 300  // bytes of a VK mention
)

// entity decodes «&quot;», «&#33;», «&nbsp;», also doubly escaped ones
// («&amp;nbsp;»), and reports whether there was one at the cursor.
func (n *normalizer) entity() bool {
	length := n.entityLength(n.src[n.pos:])
	if length == 0 {
		return false
	}
	decoded := n.decode(n.src[n.pos : n.pos+length])
	if decoded == "&" {
		if inner := n.entityLength("&" + n.src[n.pos+length:min(n.pos+length+maxEntity, len(n.src))]); inner > 0 {
			decoded = n.decode("&" + n.src[n.pos+length:n.pos+length+inner-1])
			length += inner - 1
		}
	}
	to := n.rune + int32(utf8.RuneCountInString(n.src[n.pos:n.pos+length]))
	for _, r := range decoded {
		n.write(r, n.rune, to)
	}
	n.pos += length
	n.rune = to
	return true
}

// entityLength is the length of the HTML entity s begins with, 0 when none.
func (n *normalizer) entityLength(s string) int {
	end := strings.IndexByte(s[:min(maxEntity, len(s))], ';')
	if end < 2 {
		return 0
	}
	entity := s[:end+1]
	if n.decode(entity) == entity {
		return 0
	}
	return end + 1
}

// mostEntities are remembered: few are ever written.
const mostEntities = 256

// decode is html.UnescapeString of an entity, remembered.
func (n *normalizer) decode(entity string) string {
	if decoded, ok := n.entities[entity]; ok {
		return decoded
	}
	entity = strings.Clone(entity) // it would keep its whole text alive
	decoded := html.UnescapeString(entity)
	if n.entities == nil {
		n.entities = map[string]string{}
	}
	if len(n.entities) < mostEntities {
		n.entities[entity] = decoded
	}
	return decoded
}

// tag takes out an HTML tag; those that begin a new line in a browser become a
// line break.
func (n *normalizer) tag() bool {
	rest := n.src[n.pos:min(n.pos+maxTag, len(n.src))]
	if len(rest) < 3 {
		return false
	}
	name := strings.TrimPrefix(rest[1:], "/")
	if name == "" || !isASCIILetter(rune(name[0])) && name[0] != '!' {
		return false
	}
	end := strings.IndexByte(rest, '>')
	if end < 0 || strings.IndexByte(rest[1:end], '<') >= 0 {
		return false
	}
	if k := len(n.out); isBlockTag(name) && k > 0 && n.out[k-1] != '\n' {
		to := n.rune + int32(utf8.RuneCountInString(rest[:end+1]))
		n.space('\n', n.rune, to)
	} else {
		n.endWord()
	}
	n.skip(end + 1)
	return true
}

func isBlockTag(name string) bool {
	k := 0
	for k < len(name) && (isASCIILetter(rune(name[k])) || name[k] >= '0' && name[k] <= '9') {
		k++
	}
	switch strings.ToLower(name[:k]) {
	case "br", "p", "div", "li", "ul", "ol", "tr", "td", "table", "blockquote", "h1", "h2", "h3", "h4":
		return true
	}
	return false
}

// mention resolves VK's «[club1|Name]» and «[https://…|words]» to the words.
// The name of a person («[id1|Имя]») is dropped: it says nothing of the problem
// and is easily taken for a place.
func (n *normalizer) mention() bool {
	rest := n.src[n.pos:min(n.pos+maxMention, len(n.src))]
	bar := strings.IndexByte(rest, '|')
	end := strings.IndexByte(rest, ']')
	if bar < 2 || end < bar {
		return false
	}
	target := rest[1:bar]
	switch {
	case isAccountTarget(target, "id"):
		n.shape.Accounts++
		n.space(' ', n.rune, n.rune+1)
		n.skip(end + 1)
	case isAccountTarget(target, "club"), isAccountTarget(target, "public"), isAccountTarget(target, "event"):
		n.shape.Accounts++
		n.words(bar, end)
	case strings.HasPrefix(target, "http"), strings.HasPrefix(target, "vk.com/"), strings.HasPrefix(target, "#"):
		n.shape.Links++
		n.words(bar, end)
	default:
		return false
	}
	return true
}

// words skips to after bar, writes what stands before end and skips the rest.
func (n *normalizer) words(bar, end int) {
	n.space(' ', n.rune, n.rune+1)
	stop := n.pos + end
	n.skip(bar + 1)
	for n.pos < stop {
		r, size := utf8.DecodeRuneInString(n.src[n.pos:])
		n.write(r, n.rune, n.rune+1)
		n.pos += size
		n.rune++
	}
	n.skip(1)
}

// isAccountTarget reports whether target is kind followed by digits only.
func isAccountTarget(target, kind string) bool {
	digits, ok := strings.CutPrefix(target, kind)
	if !ok || digits == "" {
		return false
	}
	return strings.Trim(digits, "0123456789") == ""
}

// account drops «@name».
func (n *normalizer) account() bool {
	k := n.pos + 1
	for k < len(n.src) && isNameByte(n.src[k]) {
		k++
	}
	if k < n.pos+3 || n.word >= 0 {
		return false
	}
	n.shape.Accounts++
	n.space(' ', n.rune, n.rune+1)
	n.skip(k - n.pos)
	return true
}

func isNameByte(b byte) bool {
	return isASCIILetter(rune(b)) || b >= '0' && b <= '9' || b == '_' || b == '.'
}

// skip moves the cursor over the next bytes without writing them.
func (n *normalizer) skip(bytes int) {
	n.rune += int32(utf8.RuneCountInString(n.src[n.pos : n.pos+bytes]))
	n.pos += bytes
}
