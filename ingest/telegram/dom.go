package tgingest

import (
	"iter"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// hasClass reports whether an element carries a class.
func hasClass(n *html.Node, class string) bool {
	return n.Type == html.ElementNode && slices.Contains(strings.Fields(attr(n, "class")), class)
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// withClass walks the elements of a class below n, in document order.
func withClass(n *html.Node, class string) iter.Seq[*html.Node] {
	return func(yield func(*html.Node) bool) {
		for d := range n.Descendants() {
			if hasClass(d, class) && !yield(d) {
				return
			}
		}
	}
}

// first finds the first element of a class below n, or nil.
func first(n *html.Node, class string) *html.Node {
	for d := range withClass(n, class) {
		return d
	}
	return nil
}

// inside reports whether n lies in an element of a class below top.
func inside(n, top *html.Node, class string) bool {
	for p := n.Parent; p != nil && p != top; p = p.Parent {
		if hasClass(p, class) {
			return true
		}
	}
	return false
}

// textOf renders an element as Telegram would give the text: <br> is a line
// break, emoji are their characters, line breaks of the page's source are not
// the author's.
func textOf(n *html.Node) string {
	if n == nil {
		return ""
	}
	var w textWriter
	w.children(n)
	return strings.TrimSpace(w.String())
}

type textWriter struct{ strings.Builder }

func (w *textWriter) children(n *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		w.node(c)
	}
}

func (w *textWriter) node(n *html.Node) {
	switch {
	case n.Type == html.TextNode:
		w.text(n.Data)
	case n.Type != html.ElementNode:
		return
	case n.DataAtom == atom.Br:
		w.WriteByte('\n')
	case n.DataAtom == atom.Pre:
		w.pre(n)
	case n.DataAtom == atom.Img:
		w.WriteString(attr(n, "alt")) // an emoji drawn as a picture
	case n.DataAtom == atom.Script, n.DataAtom == atom.Style:
		return
	case n.DataAtom == atom.Blockquote, n.DataAtom == atom.P:
		w.ownLine()
		w.children(n)
		w.ownLine()
	default:
		w.children(n)
	}
}

// text drops the indentation of a pretty-printed page: white space holding a
// line break is one space, at the beginning of a line nothing. Other spaces are
// the author's and stay.
func (w *textWriter) text(s string) {
	for s != "" {
		at := strings.IndexAny(s, "\n\r")
		if at < 0 {
			w.WriteString(s)
			return
		}
		w.WriteString(strings.TrimRight(s[:at], " \t"))
		s = strings.TrimLeft(s[at:], " \t\n\r")
		if !w.atLineStart() {
			w.WriteByte(' ')
		}
	}
}

func (w *textWriter) pre(n *html.Node) {
	w.ownLine()
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			w.WriteString(d.Data)
		} else if d.DataAtom == atom.Br {
			w.WriteByte('\n')
		}
	}
	w.ownLine()
}

func (w *textWriter) atLineStart() bool {
	s := w.String()
	return s == "" || s[len(s)-1] == '\n'
}

func (w *textWriter) ownLine() {
	if !w.atLineStart() {
		w.WriteByte('\n')
	}
}
