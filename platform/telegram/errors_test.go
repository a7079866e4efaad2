package telegram

import (
	"errors"
	"strings"
	"testing"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/telegram/tgfake"
)

// answered is an error answer as the Bot API words it, and what is to be done.
type answered struct {
	code int
	text string
	want domain.Reaction
}

// answers has an example of every row of the table, and of what no row takes.
func answers() []answered {
	return []answered{
		{401, "Unauthorized", domain.AskPerson},
		{404, "Not Found", domain.AskPerson},
		{403, "Forbidden: bot was blocked by the user", domain.CloseSource},
		{403, "Forbidden: bot was kicked from the supergroup chat", domain.CloseSource},
		{403, "Forbidden: bot is not a member of the channel chat", domain.CloseSource},
		{403, "Forbidden: something new", domain.CloseSource},
		{409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running", domain.RetryLater},
		{409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first", domain.AskPerson},
		{409, "Conflict: terminated by setWebhook request", domain.AskPerson},
		{429, "Too Many Requests: retry after 5", domain.SlowDown},
		{420, "FLOOD_WAIT_17", domain.SlowDown},
		{400, "Bad Request: group chat was upgraded to a supergroup chat", domain.RetryLater},
		{400, "Bad Request: chat not found", domain.CloseSource},
		{400, "Bad Request: user not found", domain.CloseSource},
		{400, "Bad Request: not enough rights to send text messages to the chat", domain.AskPerson},
		{400, "Bad Request: have no rights to send a message", domain.AskPerson},
		{400, "Bad Request: need administrator rights in the channel chat", domain.AskPerson},
		{400, "Bad Request: CHAT_WRITE_FORBIDDEN", domain.AskPerson},
		{400, "Bad Request: message to be replied not found", domain.NeverRepeat},
		{400, "Bad Request: message to reply not found", domain.NeverRepeat},
		{400, "Bad Request: message to edit not found", domain.NeverRepeat},
		{400, "Bad Request: message can't be edited", domain.NeverRepeat},
		{400, "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message", domain.NeverRepeat},
		{400, "Bad Request: TOPIC_CLOSED", domain.CloseSource},
		{400, "Bad Request: message is too long", domain.ReportBug},
		{400, "Bad Request: can't parse entities", domain.ReportBug},
		{413, "Request Entity Too Large", domain.ReportBug},
		{500, "Internal Server Error", domain.RetryLater},
		{504, "Gateway Timeout", domain.RetryLater},
		{418, "I'm a teapot", domain.ReportBug},
	}
}

// Every row of the table is met by an example, and gives what the example wants.
func TestErrorTable(t *testing.T) {
	met := map[int]bool{}
	for _, a := range answers() {
		met[match(a.code, a.text)] = true
		got, words := react(a.code, a.text)
		if got != a.want || !strings.ContainsAny(words, "абвгдеийклмнопрстуя") {
			t.Errorf("%d %q: %s, %q; want %s", a.code, a.text, got, words, a.want)
		}
	}
	for i, r := range rules() {
		if !met[i] {
			t.Errorf("no answer shows what becomes of rule %d %q", r.code, r.text)
		}
		for _, earlier := range rules()[:i] { // no rule stands behind one that takes all its cases
			if earlier.code == r.code && strings.Contains(r.text, earlier.text) {
				t.Errorf("rule %d %q is never reached behind %q", r.code, r.text, earlier.text)
			}
		}
	}
}

// The same through calls of both kinds, our own and the library's for sending. A
// refusal means that nothing was sent; faults of Telegram's own leave that open and
// are shown by TestSendErrorsSayWhetherItWasSent.
func TestErrorAnswersOfTheFake(t *testing.T) {
	w, c, _ := newWorld(t, tgfake.Options{})
	talk := w.Supergroup(-1001000000002, "", "Соседи")
	for _, a := range answers() {
		calls := map[string]func() error{
			"getMe": func() error { _, err := c.Me(t.Context()); return err },
			"sendMessage": func() error {
				_, err := c.SendMessage(t.Context(), Send{Chat: talk.ID(), Text: "Передано в работу"})
				return err
			},
			"editMessageText": func() error { return c.EditMessageText(t.Context(), talk.ID(), 1, "Передано в работу") },
		}
		for method, call := range calls {
			if a.code >= 500 && method != "getMe" {
				continue
			}
			w.Fail(tgfake.Fault{Method: method, Status: a.code, Text: a.text})
			err := call()
			pe := platformError(t, err)
			_, words := react(a.code, a.text)
			if pe.Reaction != a.want || pe.Words != words || pe.Code != a.code || pe.Method != method || errors.Is(err, ErrUnclear) {
				t.Errorf("%s, %d %q: %s «%s», %v", method, a.code, a.text, pe.Reaction, pe.Words, err)
			}
		}
	}
	if n := len(talk.Messages()); n != 0 {
		t.Errorf("%d messages were sent", n)
	}
}

// What the chat itself refuses, without a scripted fault.
func TestEditsThatTheChatRefuses(t *testing.T) {
	w, c, _ := newWorld(t, tgfake.Options{})
	talk := w.Supergroup(-1001000000002, "", "Соседи")
	theirs := talk.Post(tgfake.Draft{Text: "Когда починят лифт?"})
	id, err := c.SendMessage(t.Context(), Send{Chat: talk.ID(), Text: "Передано в работу"})
	if err != nil {
		t.Fatal(err)
	}
	for what, k := range map[string]struct {
		message     int
		text, words string
	}{
		"of another":    {theirs.MessageID(), "а", "это сообщение править нельзя"},
		"the same text": {id, "Передано в работу", "текст уже такой"},
		"what is gone":  {99, "а", "сообщение, которое правим, удалено"},
	} {
		if pe := platformError(t, c.EditMessageText(t.Context(), talk.ID(), k.message, k.text)); pe.Reaction != domain.NeverRepeat || pe.Words != k.words {
			t.Errorf("%s: %s «%s»", what, pe.Reaction, pe.Words)
		}
	}
	old := w.Group(-555, "Старые")
	moved := old.Migrate(-1001000000004)
	var migrated *MigratedError
	err = c.EditMessageText(t.Context(), old.ID(), 1, "а")
	if pe := platformError(t, err); pe.Reaction != domain.RetryLater || !errors.As(err, &migrated) || migrated.To != moved.ID() {
		t.Errorf("in a group that moved: %s, %v", pe.Reaction, err)
	}
}
