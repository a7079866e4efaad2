package browser

import (
	"strings"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// watch notes what no page of the workplace may do: errors in the console (the
// content policy speaks there), exceptions, requests to anybody else.
func (t *Tab) watch(ev any) {
	switch e := ev.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			t.fault(strings.TrimSpace("log: " + e.Entry.Text + " " + e.Entry.URL))
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "assert" {
			t.fault("console: " + words(e.Args))
		}
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if x := e.ExceptionDetails.Exception; x != nil {
			text += " " + x.Description
		}
		t.fault("exception: " + text)
	case *network.EventRequestWillBeSent:
		if u := e.Request.URL; !strings.HasPrefix(u, t.base+"/") && !strings.HasPrefix(u, "data:") && !strings.HasPrefix(u, "about:") {
			t.fault("request to another address: " + u)
		}
	}
}

func words(args []*runtime.RemoteObject) string {
	var out []string
	for _, a := range args {
		if len(a.Value) > 0 {
			out = append(out, string(a.Value))
		} else {
			out = append(out, a.Description)
		}
	}
	return strings.Join(out, " ")
}

func (t *Tab) fault(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.faults = append(t.faults, text)
}

// Expect makes a complaint that holds a text no fault: a test that provokes a
// refusal says so.
func (t *Tab) Expect(part string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.expected = append(t.expected, part)
}

// Faults are the complaints so far that were not expected.
func (t *Tab) Faults() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []string
next:
	for _, f := range t.faults {
		for _, e := range t.expected {
			if strings.Contains(f, e) {
				continue next
			}
		}
		out = append(out, f)
	}
	return out
}
