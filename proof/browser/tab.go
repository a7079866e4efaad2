package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Tab is one visitor's page.
type Tab struct {
	ctx    context.Context //nolint:containedctx // the library keeps the tab in it
	cancel context.CancelFunc
	base   string

	mu       sync.Mutex
	faults   []string
	expected []string
}

// Within is how long a page may take to become as expected: generous, for a
// machine that is busy with other tests.
const Within = 45 * time.Second

const look = 40 * time.Millisecond

// Close leaves.
func (t *Tab) Close() { t.cancel() }

// Go opens a path of the workplace and waits until it is loaded.
func (t *Tab) Go(path string) error {
	ctx, cancel := context.WithTimeout(t.ctx, Within)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate(t.base+path)); err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	return nil
}

// Evaluate gives the value of an expression in the page.
func Evaluate[T any](t *Tab, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(t.ctx, Within)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// Await waits until an expression is true, over changes of the page. The error
// says what was waited for and shows the page.
func (t *Tab) Await(what, expression string) error {
	began := time.Now()
	for {
		ok, err := Evaluate[bool](t, "!!("+expression+")")
		if ok {
			return nil
		}
		if time.Since(began) > Within {
			return fmt.Errorf("%s: not within %s (%s; last error: %s)\n%s", what, Within, expression, said(err), t.Sees())
		}
		time.Sleep(look)
	}
}

// said is the last error of a wait: often there is none, the page was only
// another than expected.
func said(err error) string {
	if err == nil {
		return "none"
	}
	return err.Error()
}

// Sees is the page as text, for messages of failures.
func (t *Tab) Sees() string {
	text, err := Evaluate[string](t, "location.pathname + location.search + '\\n' + document.getElementById('notice').innerText + '\\n' + document.querySelector('main').innerText.slice(0, 3000)")
	if err != nil {
		return "the page cannot be read: " + err.Error()
	}
	return text
}

// Has waits for a text that a reader can see.
func (t *Tab) Has(text string) error {
	return t.Await("to read «"+text+"»", "document.body.innerText.includes("+quoted(text)+")")
}

// Told waits for a notice that holds a text.
func (t *Tab) Told(text string) error {
	return t.Await("to be told «"+text+"»", "document.getElementById('notice').innerText.includes("+quoted(text)+")")
}

// At waits until the page has a path, whatever is asked of it, and is ready. A
// path that ends with / or ? stands for all below it; a query must be the same.
func (t *Tab) At(path string) error {
	here := "[location.pathname, location.pathname + location.search].includes(" + quoted(path) + ")"
	if strings.HasSuffix(path, "/") || strings.HasSuffix(path, "?") {
		here = "(location.pathname + location.search).startsWith(" + quoted(path) + ")"
	}
	return t.Await("to be at "+path, here+" && document.readyState === 'complete'")
}

// There waits for an element that can be seen.
func (t *Tab) There(css string) error {
	return t.Await("to see "+css, "[...document.querySelectorAll("+quoted(css)+")].some(e => e.getClientRects().length > 0)")
}

// pointer finds the middle of the first element of a selector and a text that is
// visible and not covered: null when there is none.
const pointer = `((css, text) => {
	for (const el of document.querySelectorAll(css)) {
		if (text && !el.textContent.replace(/\s+/g, ' ').includes(text)) continue;
		if (el.disabled || !el.getClientRects().length) continue;
		el.scrollIntoView({block: 'center', inline: 'nearest', behavior: 'instant'});
		const r = el.getClientRects()[0];
		const x = r.left + r.width / 2, y = r.top + r.height / 2;
		const top = document.elementFromPoint(x, y);
		const label = top && top.closest('label');
		if (top && (el.contains(top) || (label && label.contains(el)))) return [x, y];
	}
	return null;
})`

// Click presses the mouse on the first element of a selector that can be pressed
// and, when given, holds a text. It waits for one.
func (t *Tab) Click(css string, text ...string) error {
	want := strings.Join(text, " ")
	began := time.Now()
	for {
		at, err := Evaluate[[]float64](t, pointer+"("+quoted(css)+","+quoted(want)+")")
		if err == nil && len(at) == 2 {
			return t.press(at[0], at[1])
		}
		if time.Since(began) > Within {
			return fmt.Errorf("to click %s «%s»: nothing to press (last error: %s)\n%s", css, want, said(err), t.Sees())
		}
		time.Sleep(look)
	}
}

func (t *Tab) press(x, y float64) error {
	ctx, cancel := context.WithTimeout(t.ctx, Within)
	defer cancel()
	for _, kind := range []input.DispatchMouseEventType{input.DispatchMouseEventTypeMouseMoved, input.DispatchMouseEventTypeMousePressed, input.DispatchMouseEventTypeMouseReleased} {
		p := input.DispatchMouseEventParams{Type: kind, X: x, Y: y}
		if kind != input.DispatchMouseEventTypeMouseMoved {
			p.Button, p.ClickCount = input.MouseButtonLeft, 1
		}
		if _, err := chromedp.Call(ctx, input.DispatchMouseEvent, p); err != nil {
			return fmt.Errorf("press the mouse: %w", err)
		}
	}
	return nil
}

// Type clicks a field and types over what it holds.
func (t *Tab) Type(css, text string) error {
	if err := t.Click(css); err != nil {
		return err
	}
	if _, err := Evaluate[bool](t, "(e => { if (e && e.select) e.select(); return true })(document.activeElement)"); err != nil {
		return err
	}
	return t.Insert(text)
}

// Insert types into the field that has the focus.
func (t *Tab) Insert(text string) error {
	_, err := chromedp.Call(t.ctx, input.InsertText, input.InsertTextParams{Text: text})
	return err
}

// Choose picks an option of a select by its words and tells the page so.
func (t *Tab) Choose(css, words string) error {
	return t.Await("to choose «"+words+"» in "+css, `(() => {
		const s = document.querySelector(`+quoted(css)+`);
		const o = s && [...s.options].find(o => o.textContent.includes(`+quoted(words)+`) && !o.disabled);
		if (!o) return false;
		if (!o.selected) { s.value = o.value; s.dispatchEvent(new Event('change', {bubbles: true})); }
		return true;
	})()`)
}

// Attach puts a file into a file field.
func (t *Tab) Attach(css, path string) error {
	ctx, cancel := context.WithTimeout(t.ctx, Within)
	defer cancel()
	return chromedp.Do(ctx, chromedp.SetUploadFiles(chromedp.CSS(css), []string{path}, chromedp.NodeReady))
}

// Key presses a physical key; typed is what the layout makes of it: "j" and "о"
// are both KeyJ.
func (t *Tab) Key(code, typed string) error {
	p := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Code: code, Key: typed, WindowsVirtualKeyCode: virtual(code)}
	if code == "Enter" {
		p.Text = "\r"
	} else if len([]rune(typed)) == 1 {
		p.Text = typed
	}
	if _, err := chromedp.Call(t.ctx, input.DispatchKeyEvent, p); err != nil {
		return fmt.Errorf("press %s: %w", code, err)
	}
	p.Type, p.Text = input.DispatchKeyEventTypeKeyUp, ""
	_, err := chromedp.Call(t.ctx, input.DispatchKeyEvent, p)
	return err
}

// virtual is the Windows number of a key, which Chromium wants for Enter, Tab
// and Escape to act.
func virtual(code string) int64 {
	switch code {
	case "Enter":
		return 13
	case "Tab":
		return 9
	case "Escape":
		return 27
	case "Space":
		return 32
	case "End":
		return 35
	case "Home":
		return 36
	case "ArrowDown":
		return 40
	}
	return int64(code[len(code)-1]) // KeyJ, Digit1: the letter and the digit
}

// Picture is what the tab shows, or the whole page, as PNG.
func (t *Tab) Picture(whole bool) ([]byte, error) {
	ctx, cancel := context.WithTimeout(t.ctx, Within)
	defer cancel()
	got, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatPng, CaptureBeyondViewport: &whole})
	if err != nil {
		return nil, fmt.Errorf("take a picture: %w", err)
	}
	return got.Data, nil
}

// Print is the page on paper, as PDF. The size is the page's own, A4 when it has none.
func (t *Tab) Print() ([]byte, error) {
	ctx, cancel := context.WithTimeout(t.ctx, Within)
	defer cancel()
	own := true
	got, err := chromedp.Call(ctx, page.PrintToPDF, page.PrintToPDFParams{PaperWidth: 8.27, PaperHeight: 11.69, PreferCSSPageSize: &own})
	if err != nil {
		return nil, fmt.Errorf("print: %w", err)
	}
	return got.Data, nil
}

// quoted is a text as a literal of JavaScript.
func quoted(s string) string {
	b, _ := json.Marshal(s) // a string always can
	return string(b)
}
