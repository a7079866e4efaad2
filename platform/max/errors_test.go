package max

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/max/maxfake"
)

// answered is an error answer of MAX to a call, and what is to be done.
type answered struct {
	status             int
	code, text, method string
	want               domain.Reaction
}

// answers has an example of every row of the table, and of what no row takes.
func answers() []answered {
	const (
		me      = "GET /me"
		updates = "GET /updates"
		edit    = "PUT /messages"
		press   = "POST /answers"
	)
	return []answered{
		{401, "verify.token", "Invalid access_token", me, domain.AskPerson},
		{403, "verify.token", "Invalid access_token", me, domain.AskPerson}, // as the platform's own example has it
		{401, "", "", me, domain.AskPerson},
		{403, "chat.denied", "Key: error.dialog.suspended, args: [1,].", sendMethod, domain.CloseSource},
		{404, "chat.not.found", "dialog.not.found", sendMethod, domain.CloseSource},
		{404, "not.found", "Key: error.dialog.notfound, args: [1,].", sendMethod, domain.CloseSource},
		{403, "chat.denied", "chat.send.msg.no.permission.because.not.admin", sendMethod, domain.AskPerson},
		{403, "chat.denied", "error", sendMethod, domain.CloseSource},
		{404, "chat.not.found", "Chat 5 not found", sendMethod, domain.CloseSource},
		{403, "access.denied", "", "DELETE /messages", domain.AskPerson},
		{404, "user.not.found", "User 6 not found", sendMethod, domain.CloseSource},
		{404, "user.not.found", "User 6 not found", me, domain.CloseSource},
		{404, "not.found", "message.not.found: mid.1", sendMethod, domain.NeverRepeat},
		{400, "attachment.not.ready", "", sendMethod, domain.RetryLater},
		{429, "too.many.requests", "", sendMethod, domain.SlowDown},
		{503, "service.unavailable", "", sendMethod, domain.RetryLater},
		{405, "method.not.allowed", "", updates, domain.AskPerson},
		{405, "method.not.allowed", "", press, domain.NeverRepeat},
		{405, "method.not.allowed", "", me, domain.ReportBug},
		{400, "proto.payload", "Field 'text' size (4001) must be at most 4000", sendMethod, domain.ReportBug},
		{400, "proto.payload", "Unknown recipient", sendMethod, domain.ReportBug},
		{400, "proto.payload", "errors.edit-message.time.limit", edit, domain.NeverRepeat},
		{400, "proto.payload", "Invalid callback id", press, domain.NeverRepeat},
		{400, "proto.payload", "Invalid request. `message` or `notification` required", press, domain.NeverRepeat},
		{403, "something.new", "", edit, domain.NeverRepeat},
		{403, "something.new", "", sendMethod, domain.CloseSource},
		{404, "not.found", "", edit, domain.NeverRepeat},
		{404, "not.found", "", sendMethod, domain.CloseSource},
		{404, "not.found", "Path /me is not recognized", me, domain.AskPerson},
		{413, "", "", sendMethod, domain.ReportBug},
		{429, "", "", sendMethod, domain.SlowDown},
		{500, "internal", "", sendMethod, domain.RetryLater},
		{504, "", "", me, domain.RetryLater},
		{418, "teapot", "", sendMethod, domain.ReportBug},
	}
}

// Every row of the table is met by an example, and gives what the example wants.
func TestErrorTable(t *testing.T) {
	met := map[int]bool{}
	for _, a := range answers() {
		met[match(a.status, a.code, a.text, a.method)] = true
		got, words := React(a.status, a.code, a.text, a.method)
		if got != a.want || !strings.ContainsAny(words, "абвгдеийклмнопрстуя") {
			t.Errorf("%d %s %q %s: %s, %q; want %s", a.status, a.code, a.text, a.method, got, words, a.want)
		}
	}
	for i, r := range rules() {
		if !met[i] {
			t.Errorf("no answer shows what becomes of rule %+v", r)
		}
		for _, earlier := range rules()[:i] { // no rule stands behind one that takes all its cases
			if (earlier.status == 0 || earlier.status == r.status) && (earlier.code == "" || earlier.code == r.code) &&
				(earlier.method == "" || earlier.method == r.method) && strings.Contains(r.code+r.text, earlier.text) {
				t.Errorf("rule %+v is never reached behind %+v", r, earlier)
			}
		}
	}
}

// The same as answers of the fake to the calls that get them. Only a fault of MAX's
// own leaves open whether a message was sent.
func TestErrorAnswersOfTheFake(t *testing.T) {
	b := newBench(t, maxfake.Options{})
	chat := b.dialog()
	calls := map[string]func() error{
		"GET /me":      func() error { _, err := b.c.Me(t.Context()); return err },
		"GET /updates": func() error { _, err := b.c.GetUpdates(t.Context(), 0, 10, 0); return err },
		sendMethod: func() error {
			_, err := b.c.SendMessage(t.Context(), Send{To: Recipient{Chat: chat.ID()}, Text: "Передано в работу"})
			return err
		},
		"PUT /messages": func() error {
			return b.c.EditMessage(t.Context(), "mid.1", Send{Text: "Передано в работу"})
		},
		"DELETE /messages": func() error { return b.c.DeleteMessage(t.Context(), "mid.1") },
		"POST /answers":    func() error { return b.c.AnswerCallback(t.Context(), "cb", Answer{Notice: "Спасибо"}) },
	}
	for _, a := range answers() {
		b.w.Fail(maxfake.Fault{Method: a.method, Status: a.status, Code: a.code, Text: a.text})
		err := calls[a.method]()
		pe := platformError(t, err)
		_, words := React(a.status, a.code, a.text, a.method)
		unclear := a.method == sendMethod && a.status >= http.StatusInternalServerError
		if pe.Reaction != a.want || pe.Code != a.status || pe.Method != a.method || errors.Is(err, ErrUnclear) != unclear || !unclear && pe.Words != words {
			t.Errorf("%d %s %q %s: %s «%s», %v", a.status, a.code, a.text, a.method, pe.Reaction, pe.Words, err)
		}
	}
	if n := len(chat.Messages()); n != 0 {
		t.Errorf("%d messages were sent", n)
	}
}
