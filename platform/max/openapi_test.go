package max

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/max/maxfake"
)

// openAPI is the platform's description of its API, which lies beside the
// repository where the reference material is.
const openAPI = "../../../shared/samples/max/openapi_2026_07_01.json"

// apiFile is as much of an OpenAPI file as the check needs.
type apiFile struct {
	Paths map[string]map[string]struct {
		Parameters []struct {
			Name     string `json:"name"`
			In       string `json:"in"`
			Required bool   `json:"required"`
		} `json:"parameters"`
		RequestBody *struct {
			Content map[string]struct {
				Schema map[string]any `json:"schema"`
			} `json:"content"`
		} `json:"requestBody"`
		Responses map[string]struct {
			Ref     string `json:"$ref"`
			Content map[string]struct {
				Schema map[string]any `json:"schema"`
			} `json:"content"`
		} `json:"responses"`
	} `json:"paths"`
	Components struct {
		Schemas   map[string]map[string]any `json:"schemas"`
		Responses map[string]struct {
			Content map[string]struct {
				Schema map[string]any `json:"schema"`
			} `json:"content"`
		} `json:"responses"`
	} `json:"components"`
	faults []string
}

func (a *apiFile) fault(format string, args ...any) {
	a.faults = append(a.faults, fmt.Sprintf(format, args...))
}

// drift is what the file itself has wrong: kinds of chat it describes in words
// only, and fields the platform's own samples hold.
func drift() []string {
	return []string{"ChatType", ".user_id: unknown"}
}

// schema follows references and joins allOf: all properties, and the discriminator.
func (a *apiFile) schema(s map[string]any) (props map[string]any, pick map[string]any) {
	props = map[string]any{}
	if ref, ok := s["$ref"].(string); ok {
		return a.schema(a.Components.Schemas[ref[strings.LastIndex(ref, "/")+1:]])
	}
	for _, part := range list(s["allOf"]) {
		p, d := a.schema(object(part))
		for k, v := range p {
			props[k] = v
		}
		if d != nil {
			pick = d
		}
	}
	for k, v := range object(s["properties"]) {
		props[k] = v
	}
	if d := object(s["discriminator"]); d != nil {
		pick = d
	}
	return props, pick
}

func object(v any) map[string]any { o, _ := v.(map[string]any); return o }
func list(v any) []any            { l, _ := v.([]any); return l }

// kind is the type a schema asks for, through references and allOf.
func (a *apiFile) kind(s map[string]any) string {
	if k, ok := s["type"].(string); ok {
		return k
	}
	if ref, ok := s["$ref"].(string); ok {
		return a.kind(a.Components.Schemas[ref[strings.LastIndex(ref, "/")+1:]])
	}
	for _, part := range list(s["allOf"]) {
		if k := a.kind(object(part)); k != "" {
			return k
		}
	}
	return ""
}

// check compares a value with a schema: kinds, and no property that the file does
// not know. A value with a discriminator is checked as what it says it is.
func (a *apiFile) check(where string, v any, s map[string]any) {
	props, pick := a.schema(s)
	switch v := v.(type) {
	case map[string]any:
		if name, _ := pick["propertyName"].(string); name != "" {
			said, _ := v[name].(string)
			to := object(pick["mapping"])[said]
			if ref, ok := to.(string); ok {
				to = map[string]any{"$ref": ref}
			}
			if to == nil {
				a.fault("%s: no %s %q", where, name, said)
				return
			}
			more, _ := a.schema(object(to))
			for k, p := range more {
				props[k] = p
			}
		}
		extra, _ := s["additionalProperties"].(map[string]any)
		for k, value := range v {
			p, known := props[k]
			switch {
			case known:
				a.check(where+"."+k, value, object(p))
			case extra != nil:
				a.check(where+"."+k, value, extra)
			case len(props) > 0:
				a.fault("%s.%s: unknown", where, k)
			}
		}
	case []any:
		items := object(s["items"])
		for i, item := range v {
			a.check(fmt.Sprintf("%s[%d]", where, i), item, items)
		}
	}
	a.checkKind(where, v, a.kind(s))
	if max, ok := s["maxLength"].(float64); ok {
		if text, _ := v.(string); float64(len([]rune(text))) > max {
			a.fault("%s: longer than %v", where, max)
		}
	}
	a.checkEnum(where, v, s)
}

func (a *apiFile) checkEnum(where string, v any, s map[string]any) {
	if ref, ok := s["$ref"].(string); ok {
		name := ref[strings.LastIndex(ref, "/")+1:]
		enum := list(a.Components.Schemas[name]["enum"])
		if len(enum) > 0 && !slices.Contains(enum, v) {
			a.fault("%s: %v is no %s", where, v, name)
		}
	}
	for _, part := range list(s["allOf"]) {
		a.checkEnum(where, v, object(part))
	}
}

func (a *apiFile) checkKind(where string, v any, kind string) {
	got := map[bool]string{}
	switch v := v.(type) {
	case nil:
		return
	case string:
		got[true] = "string"
	case bool:
		got[true] = "boolean"
	case float64:
		got[true] = "number"
		if kind == "integer" && v == float64(int64(v)) {
			return
		}
	case []any:
		got[true] = "array"
	case map[string]any:
		got[true] = "object"
	}
	if kind != "" && kind != got[true] {
		a.fault("%s: a %s, want %s", where, got[true], kind)
	}
}

// exchange checks one call with its answer.
func (a *apiFile) exchange(verb, path string, query url.Values, body []byte, status int, answer []byte) {
	for _, template := range []string{`/chats/-?\d+`, `/messages/.+`} {
		if regexp.MustCompile("^" + template + "$").MatchString(path) {
			path = map[string]string{"c": "/chats/{chatId}", "m": "/messages/{messageId}"}[template[1:2]]
		}
	}
	name := verb + " " + path
	op, ok := a.Paths[path][strings.ToLower(verb)]
	if !ok {
		a.fault("%s: no such method", name)
		return
	}
	known := map[string]bool{}
	for _, p := range op.Parameters {
		known[p.Name] = true
		if p.Required && p.In == "query" && !query.Has(p.Name) {
			a.fault("%s: parameter %s is missing", name, p.Name)
		}
	}
	for k := range query {
		if !known[k] {
			a.fault("%s: parameter %s is unknown", name, k)
		}
	}
	if op.RequestBody != nil {
		a.check(name+" body", decoded(body), op.RequestBody.Content["application/json"].Schema)
	} else if len(body) > 0 {
		a.fault("%s: a body that is not asked for", name)
	}
	if status != http.StatusOK {
		return
	}
	resp := op.Responses["200"]
	s := resp.Content["application/json"].Schema
	if resp.Ref != "" {
		s = a.Components.Responses[resp.Ref[strings.LastIndex(resp.Ref, "/")+1:]].Content["application/json"].Schema
	}
	a.check(name+" answer", decoded(answer), s)
}

func decoded(raw []byte) any {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return nil
	}
	return v
}

func loadAPI(t *testing.T) *apiFile {
	t.Helper()
	raw, err := os.ReadFile(openAPI)
	if err != nil {
		t.Skip("the platform's OpenAPI file is not beside the repository")
	}
	// A few places hold what is no map where one belongs; only ours are read.
	var a apiFile
	if err := json.Unmarshal(raw, &a); err != nil {
		t.Fatal(err)
	}
	return &a
}

// TestClientAndFakeFollowTheOpenAPIFile makes every call of the client against
// the fake and checks both sides: what we send, and what the fake answers and
// pushes.
func TestClientAndFakeFollowTheOpenAPIFile(t *testing.T) {
	api := loadAPI(t)
	w := maxfake.New(maxfake.Options{Scale: 0.01})
	inner := w.Handler()
	calls := map[string]bool{}
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		rec := httptest.NewRecorder()
		inner.ServeHTTP(rec, r)
		if r.URL.Path != "/upload.do" {
			calls[r.Method+" "+r.URL.Path] = true
			api.exchange(r.Method, r.URL.Path, r.URL.Query(), body, rec.Code, rec.Body.Bytes())
		}
		rw.WriteHeader(rec.Code)
		_, _ = rw.Write(rec.Body.Bytes())
	}))
	t.Cleanup(func() { w.Close(); srv.Close() })
	bot := w.Bot(700, testToken, "otklik_bot")
	c, err := New(Config{Token: testToken, URL: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	everyCall(t, w, bot, c)
	for _, u := range UpdateTypes() {
		if object(api.Components.Schemas["Update"]["discriminator"])["mapping"].(map[string]any)[u] == nil {
			t.Errorf("there is no update %s", u)
		}
	}
	faults := slices.DeleteFunc(api.faults, func(f string) bool {
		return slices.ContainsFunc(drift(), func(d string) bool { return strings.Contains(f, d) })
	})
	for _, f := range faults {
		t.Error(f)
	}
	if len(calls) < 10 {
		t.Errorf("only %d methods were called", len(calls))
	}
}

// everyCall uses every method of the client once, with everything it can send,
// and lets every kind of update happen.
func everyCall(t *testing.T, w *maxfake.World, bot *maxfake.Bot, c *Client) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	anna := maxfake.User{ID: 5, FirstName: "Анна", LastName: "К", Username: "anna"}
	group, channel := w.Group(-100, "Двор"), w.Channel(-200, "Канал", "https://max.ru/kanal")
	group.Add(bot, true)
	channel.Add(bot, true)
	chat := bot.Dialog(anna, "payload")
	asked := chat.Post(maxfake.Draft{Text: "яма", Photos: 1, Location: &domain.Geo{Lat: 48.5, Lon: 135.1},
		Markup: []map[string]any{{"type": "link", "from": 0, "length": 3, "url": "https://example.ru"}}})
	post := channel.Post(maxfake.Draft{Text: "пост", Views: 5})
	group.Post(maxfake.Draft{Text: "репост", From: anna, Forward: post})
	group.Post(maxfake.Draft{Text: "ответ", From: anna}).EditText(time.Time{}, "правка")
	post.Delete(time.Time{})
	group.Rename("Двор 2")
	_, err := c.Me(t.Context())
	must(err)
	_, err = c.GetChat(t.Context(), -100)
	must(err)
	photo, err := c.UploadPhoto(t.Context(), "yama.jpg", []byte("picture"))
	must(err)
	m, err := c.SendMessage(t.Context(), Send{To: Recipient{Chat: chat.ID()}, Text: "да", ReplyTo: asked.ID(), Photos: []Photo{photo}, Silent: true,
		Buttons: [][]Button{{{Text: "Да", Payload: "y"}, {Text: "Где", Location: true}, {Text: "Сайт", URL: "https://example.ru"}}}})
	must(err)
	_, err = c.GetMessage(t.Context(), m.ID())
	must(err)
	_, _, err = c.FindSent(t.Context(), Look{Chat: chat.ID(), Bot: 700, Text: "нет", Since: time.Now()})
	must(err)
	sent := chat.Messages()[1]
	sent.Press(anna, "y")
	chat.Remove()
	group.Kick(bot)
	var marker int64 = 1
	var last string
	for range 3 {
		ups, err := c.GetUpdates(t.Context(), marker, 100, 0)
		must(err)
		for _, u := range ups.List {
			if u.Type == MessageCallback {
				last = between(string(u.Raw), `"callback_id":"`, `"`)
			}
		}
		marker = ups.Marker
	}
	must(c.AnswerCallback(t.Context(), last, Answer{Notice: "спасибо", Message: &Send{Text: "спасибо"}}))
	must(c.EditMessage(t.Context(), m.ID(), Send{Text: "да!"}))
	must(c.DeleteMessage(t.Context(), m.ID()))
	must(c.Subscribe(t.Context(), "https://otklik.example/max/700", c.WebhookSecret("700")))
	_, err = c.Subscriptions(t.Context())
	must(err)
	must(c.Unsubscribe(t.Context(), "https://otklik.example/max/700"))
}
