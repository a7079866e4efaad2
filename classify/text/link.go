package text

import "strings"

// link takes out a web address at the cursor, with or without its scheme, and
// leaves its host name as one word: «не открывается gosuslugi.ru».
func (n *normalizer) link() bool {
	rest := n.src[n.pos:]
	scheme := 0
	for _, s := range [...]string{"https://", "http://"} {
		if len(rest) > len(s) && strings.EqualFold(rest[:len(s)], s) {
			scheme = len(s)
		}
	}
	host := hostLength(rest[scheme:])
	if host == 0 && scheme == 0 {
		return false
	}
	end := scheme + host
	for end < len(rest) && isLinkByte(rest[end]) && (end > scheme+host || rest[end] == '/' || rest[end] == '?' || rest[end] == ':' || scheme > 0) {
		end++
	}
	for end > scheme+host && strings.IndexByte(".,!?):;", rest[end-1]) >= 0 {
		end--
	}
	n.shape.Links++
	n.hashtag = false
	n.space(' ', n.rune, n.rune+1)
	name := strings.TrimPrefix(strings.ToLower(rest[scheme:scheme+host]), "www.")
	to := n.rune + int32(end)
	for _, r := range name[:min(len(name), maxRun/2)] {
		n.append(r, n.rune, to, markLink)
	}
	n.skip(end)
	n.space(' ', to, to)
	return true
}

// hostLength is the length of the host name s begins with, 0 when there is
// none: dotted labels of which the last is a top-level domain people write.
func hostLength(s string) int {
	k, dot := 0, -1
	for k < len(s) && k < 80 && (isNameByte(s[k]) && s[k] != '_' || s[k] == '-') {
		if s[k] == '.' {
			dot = k
		}
		k++
	}
	if dot == k-1 && dot > 0 {
		k = dot
		dot = strings.LastIndexByte(s[:k], '.')
	}
	if dot < 1 || !isTopDomain(strings.ToLower(s[dot+1:k])) {
		return 0
	}
	return k
}

func isTopDomain(s string) bool {
	switch s {
	case "ru", "com", "org", "net", "info", "su", "me", "cc", "io", "app", "online", "site", "pro", "tv", "be", "ly", "gov", "edu":
		return true
	}
	return false
}

func isLinkByte(b byte) bool {
	return b > ' ' && b < 0x7f && strings.IndexByte("<>\"'`|[]{}\\^", b) < 0
}
