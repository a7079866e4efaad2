package max

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/max/maxfake"
)

func TestUnclearSends(t *testing.T) {
	b := newBench(t, maxfake.Options{})
	chat := b.dialog()
	send := Send{To: Recipient{Chat: chat.ID()}, Text: "Яму засыпали."}
	cases := []struct {
		name    string
		fault   maxfake.Fault
		unclear bool
		posted  int
		want    domain.Reaction
	}{
		{"cut after having posted", maxfake.Fault{CutAfter: 9}, true, 1, domain.RetryLater},
		{"silence after having posted", maxfake.Fault{Silent: true}, true, 1, domain.RetryLater},
		{"answer too late", maxfake.Fault{Late: 500 * time.Second}, true, 1, domain.RetryLater},
		{"taken too late", maxfake.Fault{Delay: 500 * time.Second}, true, 1, domain.RetryLater},
		{"504 after having posted", maxfake.Fault{Status: 504, Raw: true, Text: "<html>", Done: true}, true, 1, domain.RetryLater},
		{"500 without having posted", maxfake.Fault{Status: 500, Code: "internal"}, true, 0, domain.RetryLater},
		{"a stranger's page", maxfake.Fault{Status: 200, Raw: true, Text: "<html>"}, true, 0, domain.RetryLater},
		{"a redirect", maxfake.Fault{Status: 302, Raw: true}, true, 0, domain.RetryLater},
		{"429", maxfake.Fault{Status: 429, Code: "too.many.requests", RetryAfter: 7}, false, 0, domain.SlowDown},
		{"403", maxfake.Fault{Status: 403, Code: "chat.denied"}, false, 0, domain.CloseSource},
	}
	for _, c := range cases {
		before := len(chat.Messages())
		b.w.Fail(c.fault)
		_, err := b.c.SendMessage(t.Context(), send)
		pe := platformError(t, err)
		time.Sleep(20 * time.Millisecond) // what the platform does after we gave up
		if posted := len(chat.Messages()) - before; posted != c.posted {
			t.Errorf("%s: %d posted, want %d", c.name, posted, c.posted)
		}
		if errors.Is(err, ErrUnclear) != c.unclear || pe.Reaction != c.want {
			t.Errorf("%s: unclear %v, %s; want %v, %s (%v)", c.name, !c.unclear, pe.Reaction, c.unclear, c.want, err)
		}
		if c.name == "429" && pe.RetryAfter != 7*time.Second {
			t.Errorf("Retry-After lost: %v", pe.RetryAfter)
		}
	}
	dead, _ := New(Config{Token: testToken, URL: "http://127.0.0.1:1"})
	if _, err := dead.SendMessage(t.Context(), send); errors.Is(err, ErrUnclear) || platformError(t, err).Reaction != domain.RetryLater {
		t.Errorf("no connection, nothing sent: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	b.w.Fail(maxfake.Fault{Late: 500 * time.Second})
	time.AfterFunc(100*time.Millisecond, cancel)
	if _, err := b.c.SendMessage(ctx, send); !errors.Is(err, ErrUnclear) || !errors.Is(err, context.Canceled) {
		t.Errorf("stopped in the middle of a send: %v", err)
	}
}

func TestLookThenRetry(t *testing.T) {
	b := newBench(t, maxfake.Options{})
	chat := b.dialog()
	asked := chat.Post(maxfake.Draft{Text: "Когда засыплют яму?"})
	began := time.Now()
	send := Send{To: Recipient{Chat: chat.ID()}, Text: "Завтра.\nС уважением", ReplyTo: asked.ID()}
	look := Look{Chat: chat.ID(), Bot: 700, Text: send.Text, ReplyTo: send.ReplyTo, Since: began}
	find := func(l Look) (string, bool) {
		t.Helper()
		mid, found, err := b.c.FindSent(t.Context(), l)
		if err != nil {
			t.Fatal(err)
		}
		return mid, found
	}
	if _, found := find(look); found {
		t.Error("found what was never sent")
	}
	b.w.Fail(maxfake.Fault{Method: "POST /messages", Silent: true})
	if _, err := b.c.SendMessage(t.Context(), send); !errors.Is(err, ErrUnclear) {
		t.Fatal(err)
	}
	mid, found := find(look)
	if !found || chat.Messages()[1].ID() != mid {
		t.Fatalf("what was posted without an answer is not found: %q %v", mid, found)
	}
	for name, change := range map[string]func(*Look){
		"another delivery's":   func(l *Look) { l.Known = []string{mid} },
		"an answer to another": func(l *Look) { l.ReplyTo = "" },
		"other words":          func(l *Look) { l.Text += "!" },
		"somebody else's":      func(l *Look) { l.Bot = 701 },
		"of an earlier day":    func(l *Look) { l.Since = began.Add(time.Hour) },
	} {
		l := look
		change(&l)
		if _, found := find(l); found {
			t.Errorf("%s was taken for ours", name)
		}
	}
	for i := range 250 { // the chat has gone on: three pages
		if i%50 == 0 { // no page of one instant: nothing could be read behind it
			time.Sleep(2 * time.Millisecond)
		}
		chat.Post(maxfake.Draft{Text: "ещё"})
	}
	if got, found := find(look); !found || got != mid {
		t.Errorf("not found behind three pages: %q %v", got, found)
	}
	look.Known = []string{mid}
	if _, found := find(look); found {
		t.Error("found a second one")
	}
	b.w.Fail(maxfake.Fault{Method: "GET /messages", Status: 503, Code: "service.unavailable"})
	if _, _, err := b.c.FindSent(t.Context(), look); platformError(t, err).Reaction != domain.RetryLater {
		t.Errorf("a look that failed says nothing: %v", err)
	}
}

// TestLookGivesUpOnAPageOverAndOver: a bound that the platform does not heed must
// not end in «not there».
func TestLookGivesUpOnAPageOverAndOver(t *testing.T) {
	page := strings.Repeat(`{"sender":{"user_id":1},"timestamp":1900000000000,"body":{"mid":"mid.1","text":"а"}},`, pageSize)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"messages":[` + strings.TrimSuffix(page, ",") + `]}`))
	}))
	t.Cleanup(srv.Close)
	c, err := New(Config{Token: testToken, URL: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = c.FindSent(t.Context(), Look{Chat: 1, Bot: 2, Text: "б", Since: time.UnixMilli(1)})
	if pe := platformError(t, err); pe.Reaction != domain.AskPerson {
		t.Errorf("%s", pe.Reaction)
	}
}

func TestSendEditDeleteAnswer(t *testing.T) {
	b := newBench(t, maxfake.Options{})
	chat := b.dialog()
	asked := chat.Post(maxfake.Draft{Text: "Помогите"})
	m, err := b.c.SendMessage(t.Context(), Send{To: Recipient{User: 5}, Text: "Как оцените?", ReplyTo: asked.ID(),
		Buttons: [][]Button{{{Text: "Решено", Payload: "ok"}, {Text: "Где?", Location: true}}, {{Text: "Сайт", URL: "https://example.ru"}}}})
	if err != nil || m.At().Location() != time.UTC || time.Since(m.At()) > time.Minute {
		t.Fatalf("%v, written at %s", err, m.At())
	}
	sent := chat.Messages()[1]
	if sent.ReplyTo() != asked || m.ID() != sent.ID() || m.Link == nil || m.Link.Message.ID != asked.ID() {
		t.Errorf("not a reply: %+v", m)
	}
	if err := b.c.EditMessage(t.Context(), m.ID(), Send{Text: "Оцените работу"}); err != nil || sent.Text() != "Оцените работу" {
		t.Errorf("edit: %v, %q", err, sent.Text())
	}
	if sent.ReplyTo() != asked {
		t.Error("an edit lost what the message answers")
	}
	sent.Press(maxfake.User{ID: 5, FirstName: "Анна"}, "ok")
	ups, err := b.c.GetUpdates(t.Context(), 0, 10, 0)
	if err != nil || len(ups.List) != 1 || ups.List[0].Type != MessageCallback {
		t.Fatalf("%+v %v", ups, err)
	}
	id := between(string(ups.List[0].Raw), `"callback_id":"`, `"`)
	if err := b.c.AnswerCallback(t.Context(), id, Answer{Notice: "Спасибо", Message: &Send{Text: "Спасибо за оценку"}}); err != nil || sent.Text() != "Спасибо за оценку" {
		t.Errorf("answer: %v", err)
	}
	if err := b.c.AnswerCallback(t.Context(), "old", Answer{Notice: "а"}); platformError(t, err).Reaction != domain.NeverRepeat {
		t.Errorf("an old button: %v", err)
	}
	if err := b.c.AnswerCallback(t.Context(), id, Answer{}); platformError(t, err).Reaction != domain.ReportBug {
		t.Errorf("an empty answer: %v", err)
	}
	for range 2 { // the second time it is gone, which is what was wanted
		if err := b.c.DeleteMessage(t.Context(), m.ID()); err != nil {
			t.Error(err)
		}
	}
	if err := b.c.EditMessage(t.Context(), m.ID(), Send{Text: "а"}); platformError(t, err).Reaction != domain.NeverRepeat {
		t.Errorf("edit of what is gone: %v", err)
	}
	if _, err := b.c.GetMessage(t.Context(), m.ID()); platformError(t, err).Code != 404 {
		t.Errorf("%v", err)
	}
}

// TestEditsInDialogsEndAfterAWeek: MAX edits what is younger than 7 days, or has
// buttons; in groups anything.
func TestEditsInDialogsEndAfterAWeek(t *testing.T) {
	var passed atomic.Int64
	b := newBench(t, maxfake.Options{Now: func() time.Time { return time.Now().Add(time.Duration(passed.Load())) }})
	chat, group := b.dialog(), b.w.Group(-100, "Двор")
	group.Add(b.bot, true)
	sent := map[string]string{}
	for name, s := range map[string]Send{
		"plain":   {To: Recipient{Chat: chat.ID()}},
		"buttons": {To: Recipient{Chat: chat.ID()}, Buttons: [][]Button{{{Text: "Да", Payload: "y"}}}},
		"group":   {To: Recipient{Chat: group.ID()}},
	} {
		s.Text = "Ответ"
		m, err := b.c.SendMessage(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		sent[name] = m.ID()
	}
	passed.Store(int64(8 * 24 * time.Hour))
	for name, want := range map[string]bool{"plain": false, "buttons": true, "group": true} {
		err := b.c.EditMessage(t.Context(), sent[name], Send{Text: "Исправленный ответ"})
		if (err == nil) != want || err != nil && platformError(t, err).Reaction != domain.NeverRepeat {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func between(s, from, to string) string {
	_, s, _ = strings.Cut(s, from)
	s, _, _ = strings.Cut(s, to)
	return s
}

func TestRefusedBeforeACall(t *testing.T) {
	b := newBench(t, maxfake.Options{})
	for name, s := range map[string]Send{
		"empty":        {},
		"too long":     {Text: strings.Repeat("я", domain.AnswerLimit(domain.MAX)+1)},
		"button":       {Text: "а", Buttons: [][]Button{{{Payload: "x"}}}},
		"long button":  {Text: "а", Buttons: [][]Button{{{Text: strings.Repeat("я", MaxButtonText+1)}}}},
		"long payload": {Text: "а", Buttons: [][]Button{{{Text: "я", Payload: strings.Repeat("x", MaxButtonPayload+1)}}}},
	} {
		s.To = Recipient{Chat: 1}
		if _, err := b.c.SendMessage(t.Context(), s); platformError(t, err).Reaction != domain.ReportBug {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(b.w.Requests()); n != 0 {
		t.Errorf("%d calls were made", n)
	}
	chat := b.dialog()
	if _, err := b.c.SendMessage(t.Context(), Send{To: Recipient{Chat: chat.ID()}, Text: strings.Repeat("я", domain.AnswerLimit(domain.MAX))}); err != nil {
		t.Errorf("the longest text: %v", err)
	}
}

func TestWhoCannotBeWrittenTo(t *testing.T) {
	b := newBench(t, maxfake.Options{})
	chat := b.dialog()
	group, channel := b.w.Group(-100, "Двор"), b.w.Channel(-200, "Канал", "")
	channel.Add(b.bot, false)
	send := func(r Recipient) error { _, err := b.c.SendMessage(t.Context(), Send{To: r, Text: "а"}); return err }
	chat.Stop()
	for name, c := range map[string]struct {
		to   Recipient
		want domain.Reaction
	}{
		"stopped bot":      {Recipient{Chat: chat.ID()}, domain.CloseSource},
		"stopped, by user": {Recipient{User: 5}, domain.CloseSource},
		"stranger":         {Recipient{User: 6}, domain.CloseSource},
		"no such chat":     {Recipient{Chat: -5}, domain.CloseSource},
		"not in the group": {Recipient{Chat: group.ID()}, domain.CloseSource},
		"no admin":         {Recipient{Chat: channel.ID()}, domain.AskPerson},
	} {
		if pe := platformError(t, send(c.to)); pe.Reaction != c.want {
			t.Errorf("%s: %s (%s)", name, pe.Reaction, pe.Words)
		}
	}
	chat.Start("")
	if err := send(Recipient{User: 5}); err != nil {
		t.Errorf("taken up again: %v", err)
	}
}

// What is refused is logged; whose chat it was is not.
func TestNoRefusalNamesAChat(t *testing.T) {
	b := newBench(t, maxfake.Options{})
	chat := b.dialog()
	chat.Stop()
	number := strconv.FormatInt(chat.ID(), 10)
	for _, to := range []Recipient{{Chat: chat.ID()}, {User: 5}, {Chat: 987654321}} {
		_, err := b.c.SendMessage(t.Context(), Send{To: to, Text: "а"})
		if err == nil {
			t.Fatalf("%+v was written to", to)
		}
		if text := err.Error(); strings.Contains(text, number) || strings.Contains(text, "987654321") || strings.Contains(text, "args: [5") {
			t.Errorf("%+v: %s", to, text)
		}
	}
	if got := b.c.redact("Key: error.dialog.suspended, args: [501,]. chat 70801090403050 'text' size must be 4000"); got != "Key: error.dialog.suspended, args: […]. chat … 'text' size must be 4000" {
		t.Errorf("%q", got)
	}
}

func TestPhoto(t *testing.T) {
	b := newBench(t, maxfake.Options{})
	chat := b.dialog()
	b.w.NotReady(1)
	p, err := b.c.UploadPhoto(t.Context(), "yama.jpg", []byte("\xff\xd8 picture"))
	if err != nil {
		t.Fatal(err)
	}
	send := Send{To: Recipient{Chat: chat.ID()}, Photos: []Photo{p}}
	if _, err := b.c.SendMessage(t.Context(), send); platformError(t, err).Reaction != domain.RetryLater || errors.Is(err, ErrUnclear) {
		t.Errorf("a picture that is not ready: %v", err)
	}
	if m, err := b.c.SendMessage(t.Context(), send); err != nil || len(m.Body.Attachments) != 1 {
		t.Errorf("%+v %v", m, err)
	}
	if _, err := b.c.UploadPhoto(t.Context(), "none", nil); err == nil {
		t.Error("an empty picture was taken")
	}
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == testToken && r.URL.Path == "/upload.do" {
			t.Error("the token went to the pictures' host")
		}
		_, _ = w.Write([]byte(`{"url":"http://` + r.Host + `/upload.do?sig=x","photos":{}}`))
	}))
	t.Cleanup(elsewhere.Close)
	other, _ := New(Config{Token: testToken, URL: elsewhere.URL})
	if _, err := other.UploadPhoto(t.Context(), "a", []byte("a")); err != nil {
		t.Error(err)
	}
}
