package browser

import (
	"strings"
	"testing"
	"unicode"

	"github.com/otklik/otklik/demo"
)

// unmoused is what a tab can do without a mouse: nothing here presses one, and
// who has only this cannot.
type unmoused interface {
	Go(path string) error
	Key(code, typed string) error
	Insert(text string) error
	Await(what, expression string) error
	At(path string) error
	Has(text string) error
	Told(text string) error
	There(css string) error
	Sees() string
}

// hands are a visitor who has nothing but a keyboard, in one of the two layouts.
type hands struct {
	unmoused
	t       *testing.T
	russian bool
	read    func(expression string) (string, error)
}

// letters are what the keys give in the Russian layout.
var letters = map[rune]rune{'Q': 'й', 'W': 'ц', 'E': 'у', 'R': 'к', 'T': 'е', 'Y': 'н', 'U': 'г', 'I': 'ш', 'O': 'щ', 'P': 'з', 'A': 'ф', 'S': 'ы',
	'D': 'в', 'F': 'а', 'G': 'п', 'H': 'р', 'J': 'о', 'K': 'л', 'L': 'д', 'Z': 'я', 'X': 'ч', 'C': 'с', 'V': 'м', 'B': 'и', 'N': 'т', 'M': 'ь'}

// typed is what a key gives in a layout.
func typed(code string, russian bool) string {
	letter, ok := strings.CutPrefix(code, "Key")
	switch {
	case ok && russian:
		return string(letters[rune(letter[0])])
	case ok:
		return strings.ToLower(letter)
	case code == "Slash" && russian:
		return "." // the physical key of «/» is the point there
	case code == "Slash":
		return "/"
	case code == "Space":
		return " "
	}
	return strings.TrimPrefix(code, "Digit")
}

// byKeys opens a tab for somebody without a mouse, and lets them in.
func (s *stand) byKeys(t *testing.T, name string, russian bool) hands {
	t.Helper()
	v := s.visit(t, Office())
	h := hands{unmoused: v.Tab, t: t, russian: russian, read: func(expression string) (string, error) { return Evaluate[string](v.Tab, "String("+expression+")") }}
	h.must(h.Go("/login"), h.Await("the login to have the focus", "document.activeElement.name === 'login'"), h.Insert(name))
	h.tab("input[name=password]")
	h.must(h.Insert(demo.Password), h.Key("Enter", "Enter"),
		h.Await("to be inside", "!location.pathname.startsWith('/login') && document.querySelector('details.me') && document.readyState === 'complete'"))
	return h
}

func (h hands) must(errs ...error) {
	h.t.Helper()
	(&visitor{t: h.t}).must(errs...)
}

// see reads something of the page.
func (h hands) see(expression string) string {
	h.t.Helper()
	out, err := h.read(expression)
	h.must(err)
	return out
}

// press presses a key as the layout types it.
func (h hands) press(codes ...string) {
	h.t.Helper()
	for _, code := range codes {
		h.must(h.Key(code, typed(code, h.russian)))
	}
}

// tab presses Tab until an element has the focus.
func (h hands) tab(css string) {
	h.t.Helper()
	for range 150 {
		h.must(h.Key("Tab", "Tab"))
		if h.see("document.activeElement.matches("+quoted(css)+")") == "true" {
			return
		}
	}
	h.t.Fatalf("Tab does not come to %s\n%s", css, h.Sees())
}

// focus waits until an element has the focus.
func (h hands) focus(css string) {
	h.t.Helper()
	if err := h.Await(css+" to have the focus", "document.activeElement.matches("+quoted(css)+")"); err != nil {
		h.t.Fatalf("it has %s\n%v", h.see("document.activeElement.outerHTML.slice(0, 300)"), err)
	}
}

// choose types the beginning of a line of the list that has the focus.
func (h hands) choose(line string) {
	h.t.Helper()
	for _, r := range line {
		code := "Space"
		for key, letter := range letters {
			if letter == unicode.ToLower(r) {
				code = "Key" + string(key)
			}
		}
		h.must(h.Key(code, string(r)))
	}
	h.must(h.Await("the list to stand at «"+line+"»", "document.activeElement.selectedOptions?.[0]?.text.startsWith("+quoted(line)+")"))
}

// down goes down the list that has the focus to a line that holds a text.
func (h hands) down(text string) {
	h.t.Helper()
	h.must(h.Key("Home", "Home"))
	for range 60 {
		if h.see("document.activeElement.selectedOptions?.[0]?.text.includes("+quoted(text)+")") == "true" {
			return
		}
		h.must(h.Key("ArrowDown", "ArrowDown"))
	}
	h.t.Fatalf("the list has no line «%s»\n%s", text, h.Sees())
}

// fill tabs to a field and types over what it holds.
func (h hands) fill(css, text string) {
	h.t.Helper()
	h.tab(css)
	h.must(h.Insert(text))
}

// walk goes down a list to the line that holds a text.
func (h hands) walk(text string) {
	h.t.Helper()
	for range 60 {
		h.press("KeyJ")
		if h.see("!!document.activeElement.matches('[data-item]') && document.activeElement.innerText.includes("+quoted(text)+")") == "true" {
			return
		}
	}
	h.t.Fatalf("J does not come to «%s»\n%s", text, h.Sees())
}

// settled waits until a case is open in the queue and nothing of it is under way.
func (h hands) settled(ref string) {
	h.t.Helper()
	h.must(h.Await("to have it in hand", `(() => { const p = document.getElementById('pane'); return p && p.dataset.ref === '`+ref+
		`' && !p.hasAttribute('aria-busy') && !document.querySelector('.htmx-request') && p.querySelector('button.main:not([disabled])') })()`))
}
