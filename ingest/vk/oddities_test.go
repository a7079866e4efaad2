package vkingest

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/vk"
	"github.com/otklik/otklik/platform/vk/vkfake"
)

// answers is a transport that gives the next of some answers to each call of a
// method, and lets all other calls through.
type answers struct {
	method string
	list   []func() *http.Response
}

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/"+a.method) || len(a.list) == 0 {
		return http.DefaultTransport.RoundTrip(r)
	}
	next := a.list[0]
	a.list = a.list[1:]
	resp := next()
	resp.Request = r
	return resp, nil
}

func answered(status int, kind, body string, header ...string) func() *http.Response {
	return func() *http.Response {
		h := http.Header{"Content-Type": {kind}}
		for i := 0; i+1 < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		return &http.Response{StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: h, Body: io.NopCloser(strings.NewReader(body))}
	}
}

// hears lets a method of the bench be answered by hand.
func (b *bench) hears(method string, list ...func() *http.Response) {
	b.client = vk.New(vk.Config{
		MethodURL: b.methodURL(), Service: []vk.Token{vk.ServiceToken(serviceToken)},
		Communities: []vk.Token{vk.CommunityToken(group, groupToken)}, TooManyWait: time.Millisecond,
		Transport: &answers{method: method, list: list},
	})
}

func zipped(s string) string {
	var b strings.Builder
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(s)) // a builder never fails
	_ = z.Close()
	return b.String()
}

// Whatever stands in place of an answer is refused by name, moves no cursor and
// costs nothing: the next answer brings everything.
func TestAnswersThatAreNone(t *testing.T) {
	t.Parallel()
	const jsonType, htmlType = "application/json; charset=utf-8", "text/html"
	for name, c := range map[string]struct {
		answer func() *http.Response
		want   domain.Reaction
		words  string
		pause  time.Duration
	}{
		"unknown code":            {answered(200, jsonType, `{"error":{"error_code":4242,"error_msg":"New"}}`), domain.RetryLater, "неизвестная ошибка VK 4242", 0},
		"code as a string":        {answered(200, jsonType, `{"error":{"error_code":"15","error_msg":"Access denied"}}`), domain.CloseSource, "закрыт", 0},
		"error without a code":    {answered(200, jsonType, `{"error":"unauthorized","error_description":"x"}`), domain.RetryLater, "", 0},
		"error inside of 500":     {answered(500, jsonType, `{"error":{"error_code":10,"error_msg":"Internal"}}`), domain.RetryLater, "HTTP 500", 0},
		"page of a gateway":       {answered(502, htmlType, `<html>nginx</html>`), domain.RetryLater, "HTTP 502", 0},
		"page instead of JSON":    {answered(200, htmlType, `<html>Вход в сеть</html>`), domain.RetryLater, "посторонняя страница", 0},
		"page labelled as JSON":   {answered(200, jsonType, `<html>Вход в сеть</html>`), domain.RetryLater, "не разобран", 0},
		"empty body":              {answered(200, jsonType, ``), domain.RetryLater, "", 0},
		"null":                    {answered(200, jsonType, `null`), domain.RetryLater, "", 0},
		"half of a JSON":          {answered(200, jsonType, `{"response":{"count":1,"items":[{"id":1,"own`), domain.RetryLater, "", 0},
		"response is a number":    {answered(200, jsonType, `{"response":1}`), domain.RetryLater, "не разобран", 0},
		"response is null":        {answered(200, jsonType, `{"response":null}`), "", "", 0},
		"items are null":          {answered(200, jsonType, `{"response":{"count":1,"items":null}}`), "", "", 0},
		"items are an object":     {answered(200, jsonType, `{"response":{"count":1,"items":{"id":1}}}`), domain.RetryLater, "не разобран", 0},
		"count is negative":       {answered(200, jsonType, `{"response":{"count":-5,"items":[]}}`), "", "", 0},
		"gzip that is none":       {answered(200, jsonType, `{"response":{}}`, "Content-Encoding", "gzip"), domain.RetryLater, "", 0},
		"half of a gzip":          {answered(200, jsonType, zipped(`{"response":{"items":[]}}`)[:20], "Content-Encoding", "gzip"), domain.RetryLater, "", 0},
		"gzip":                    {answered(200, jsonType, zipped(`{"response":{"count":0,"items":[]}}`), "Content-Encoding", "gzip"), "", "", 0},
		"wait of a year":          {answered(429, htmlType, ``, "Retry-After", "31536000"), domain.RetryLater, "HTTP 429", 3 * time.Hour},
		"wait below nothing":      {answered(503, htmlType, ``, "Retry-After", "-7"), domain.RetryLater, "HTTP 503", 0},
		"wait until a date":       {answered(503, htmlType, ``, "Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT"), domain.RetryLater, "HTTP 503", 0},
		"captcha of another kind": {answered(200, jsonType, `{"error":{"error_code":14,"error_msg":"Captcha needed","captcha_sid":1e12,"captcha_img":null,"redirect_uri":"https://id.vk.ru/not_robot_captcha"}}`), domain.AskPerson, "not_robot_captcha", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := wallBench(t, "")
			post := b.add(time.Hour, "яма")
			b.hears("wall.get", c.answer)
			_, err := b.pull()
			if c.want == "" && err != nil || c.want != "" && (err == nil || reaction(t, err) != c.want) {
				t.Fatalf("%v, want %q", err, c.want)
			}
			if c.words != "" && !contains(err, c.words) {
				t.Errorf("%v does not say %q", err, c.words)
			}
			if pe := platformError(err); pe != nil && pe.RetryAfter != c.pause {
				t.Errorf("waits %s, want %s", pe.RetryAfter, c.pause)
			}
			b.drain()
			b.has(post, "яма")
		})
	}
}

func platformError(err error) *domain.PlatformError {
	pe, _ := err.(*domain.PlatformError) //nolint:errorlint // the client returns it bare
	return pe
}

// Items of every odd shape on one page: each is stored or counted, and the good
// ones around them are whole.
func TestOddItemsOfOnePage(t *testing.T) {
	t.Parallel()
	const date = 1795420800 // an hour before the bench begins
	item := func(id int, more string) string {
		return fmt.Sprintf(`{"id":%d,"owner_id":-101,"from_id":5,"date":%d,"text":"запись %d"%s}`, id, date, id, more)
	}
	odd := map[string]struct {
		item  string
		id    domain.PostID // zero: it has no identity
		fault bool
		text  string
	}{
		"5.199 fields":        {item(11, `,"reaction_set_id":"reactions","reactions":{"count":3,"items":[{"id":0,"count":3}]},"donut":{"is_donut":false},"hash":"x","type":"post","inner_type":"wall_wallpost"`), postID(-101, 11), false, "запись 11"},
		"donut only":          {`{"id":12,"owner_id":-101,"from_id":-101,"date":1795420800,"text":"","donut":{"is_donut":true,"placeholder":{"text":"Только для подписчиков"}}}`, postID(-101, 12), false, ""},
		"owner as a string":   {`{"id":13,"owner_id":"-101","date":1795420800,"text":"запись 13"}`, postID(-101, 13), false, "запись 13"},
		"id as a string":      {`{"id":"14","owner_id":-101,"date":1795420800,"text":"запись 14"}`, postID(-101, 14), false, "запись 14"},
		"id as a whole float": {`{"id":15.0,"owner_id":-101,"date":1795420800.0,"text":"запись 15"}`, postID(-101, 15), false, "запись 15"},
		"id with an exponent": {`{"id":1.6e1,"owner_id":-101,"date":1795420800,"text":"запись 16"}`, postID(-101, 16), false, "запись 16"},
		"id of a fraction":    {`{"id":17.5,"owner_id":-101,"date":1795420800,"text":"x"}`, domain.PostID{}, true, ""},
		"no id":               {`{"owner_id":-101,"date":1795420800,"text":"x"}`, domain.PostID{}, true, ""},
		"no date":             {`{"id":18,"owner_id":-101,"text":"запись 18"}`, postID(-101, 18), true, "запись 18"},
		"date of tomorrow":    {`{"id":19,"owner_id":-101,"date":1795510800,"text":"запись 19"}`, postID(-101, 19), false, "запись 19"},
		"date of a century":   {`{"id":20,"owner_id":-101,"date":4951094400,"text":"запись 20"}`, postID(-101, 20), false, "запись 20"},
		"negative counts":     {item(21, `,"views":{"count":-1},"comments":{"count":-7}`), postID(-101, 21), false, "запись 21"},
		"comments closed":     {item(22, `,"comments":{"count":0,"can_post":0,"can_view":0}`), postID(-101, 22), false, "запись 22"},
		"an array":            {`[1,2]`, domain.PostID{}, true, ""},
		"a string":            {`"запись"`, domain.PostID{}, true, ""},
		"null":                {`null`, domain.PostID{}, true, ""},
		"deep nesting":        {item(23, `,"copy_history":`+strings.Repeat(`[{"copy_history":`, 500)+`[]`+strings.Repeat(`}]`, 500)), postID(-101, 23), false, "запись 23"},
	}
	items := []string{item(1, "")}
	for _, o := range odd {
		items = append(items, o.item, item(1000+len(items), ""), o.item) // each twice on the page
	}
	b := wallBench(t, "")
	body := fmt.Sprintf(`{"response":{"count":%d,"items":[%s],"profiles":[{"id":"5","first_name":7}],"groups":null}}`, len(items), strings.Join(items, ","))
	if !json.Valid([]byte(body)) {
		t.Fatal("the page is no JSON")
	}
	b.hears("wall.get", answered(200, "application/json", body))
	batch, err := b.pull()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[domain.PostID]bool{}
	for _, p := range batch.Posts {
		if seen[p.ID] {
			t.Errorf("%s twice in one batch", p.ID)
		}
		seen[p.ID] = true
	}
	good := 0
	for id, p := range b.store.posts {
		if n := number(t, id); n == 1 || n >= 1000 {
			good++
			if len(p.post.Faults) > 0 {
				t.Errorf("good neighbour %s: %v", id, p.post.Faults)
			}
		}
	}
	if good != len(odd)+1 {
		t.Errorf("%d good neighbours of %d", good, len(odd)+1)
	}
	unusable := 0
	for name, o := range odd {
		p := b.store.posts[o.id]
		switch {
		case o.id.IsZero():
			unusable += 2
		case p == nil:
			t.Errorf("%s was lost", name)
		case p.post.Text != o.text || (len(p.post.Faults) > 0) != o.fault:
			t.Errorf("%s: %q, faults %v", name, p.post.Text, p.post.Faults)
		}
	}
	if n := b.counts["wall_item unusable"]; n != unusable {
		t.Errorf("%d items counted as unusable, want %d", n, unusable)
	}
	b.drain() // what is really on the wall
	later := b.add(0, "потом")
	b.drain()
	b.has(later, "потом")
}

// A thread whose count is wrong, in both directions, ends.
func TestWrongCountsOfThreadsEnd(t *testing.T) {
	t.Parallel()
	for _, count := range []any{-3, 0, 500, "много", nil} {
		b := wallBench(t, "")
		post := b.add(time.Hour, "отопление")
		root, err := b.fake.AddComment(vkfake.Comment{Owner: wallOwner, Post: number(t, post), From: 5, Text: "холодно",
			Extra: map[string]any{"thread": map[string]any{"count": count, "items": nil}}})
		if err != nil {
			t.Fatal(err)
		}
		last := b.comment(post, 0, "и у нас")
		for range 5 {
			b.clock.Add(6 * time.Hour)
			b.drain()
		}
		b.has(root, "холодно")
		b.has(last, "и у нас")
		if n := b.fake.Calls("wall.getComments"); n > 60 {
			t.Errorf("count %v: %d calls", count, n)
		}
	}
}

// Comments closed in the middle of a walk: what was taken stays, the wall goes on.
func TestCommentsClosedInTheMiddleOfAWalk(t *testing.T) {
	t.Parallel()
	b := wallBench(t, "")
	post := b.add(2*time.Hour, "отопление")
	var ids []domain.PostID
	for i := range 250 {
		ids = append(ids, b.comment(post, 0, fmt.Sprint("холодно ", i)))
	}
	b.fake.SetFaults(func(method string) *vkfake.Fault {
		if method == "wall.getComments" && b.fakeTurn() > 1 {
			return &vkfake.Fault{Code: 212}
		}
		return nil
	})
	b.drain()
	b.has(ids[249], "холодно 249")
	next := b.add(0, "дальше")
	b.drain()
	b.has(next, "дальше")
	for _, id := range ids[160:] {
		b.has(id, b.store.posts[id].post.Text)
	}
	b.fake.SetFaults(nil)
	b.comment(post, 0, "открыли") // the count changes: all is read
	b.clock.Add(7 * time.Hour)
	b.drain()
	b.drain()
	for i, id := range ids {
		b.has(id, fmt.Sprint("холодно ", i))
	}
}

// Odd answers of a long poll stop nothing, and neither do odd events.
func TestOddLongPollAnswers(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"empty": ``, "null": `null`, "list": `[]`, "page": `<html></html>`, "half": `{"ts":"5","upd`,
		"updates null": `{"ts":"5","updates":null}`, "failed 9": `{"failed":9}`, "failed 1 without ts": `{"failed":1}`,
		"failed as text": `{"failed":"2"}`, "ts missing": `{"updates":[]}`,
		"odd updates": `{"ts":"5","updates":[1,null,"x",{},{"type":7},{"type":"wall_post_new","object":null},{"type":"message_new","object":{"message":{}}}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := longPollBench(t)
			before := b.add(0, "до")
			b.drain()
			p := LongPoll{Deps: b.deps(), Listener: b.client}
			b.client = vk.New(vk.Config{
				MethodURL: b.methodURL(), Service: []vk.Token{vk.ServiceToken(serviceToken)},
				Communities: []vk.Token{vk.CommunityToken(group, groupToken)},
				Transport:   &answers{method: fmt.Sprint("longpoll/", group), list: []func() *http.Response{answered(200, "text/plain", body)}},
			})
			p.Listener = b.client
			batch, err := p.Pull(context.Background(), b.src)
			if err != nil && !passes(err) {
				t.Fatal(err)
			}
			if err == nil {
				if err := b.store.commit(batch); err != nil {
					t.Fatal(err)
				}
				b.src.Cursor = batch.Cursor
			}
			after := b.add(0, "после")
			b.drain()
			b.drain()
			b.has(before, "до")
			b.has(after, "после")
		})
	}
}
