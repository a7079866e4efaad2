package citizen_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/demo/citizen"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/max/maxfake"
	"github.com/otklik/otklik/platform/telegram/tgfake"
	"github.com/otklik/otklik/platform/vk/vkfake"
)

const group, wall = 700, -701

// street is the page over small fakes.
type street struct {
	t     *testing.T
	url   string
	vk    *vkfake.Server
	tg    *tgfake.World
	bot   *maxfake.Bot
	wrote []string
}

func newStreet(t *testing.T) *street {
	t.Helper()
	s := &street{t: t, vk: vkfake.New(vkfake.Options{Clock: domain.SystemClock{}}), tg: tgfake.New(tgfake.Options{})}
	mx := maxfake.New(maxfake.Options{})
	t.Cleanup(func() { s.tg.Close(); mx.Close() })
	s.bot = mx.Bot(5, "token", "bot")
	s.vk.AddCommunity(vkfake.Community{ID: group, Name: "ЦУР", Token: "token"})
	s.vk.AddCommunity(vkfake.Community{ID: -wall, Name: "Соседи"})
	mxGroup := mx.Group(-9, "Группа MAX")
	mxGroup.Add(s.bot, true)
	places := map[string]citizen.Place{"wall": citizen.VKWall(s.vk, wall), "vk": citizen.VKDialog(s.vk, group), "group": citizen.TelegramGroup(s.tg.Supergroup(-1001, "", "Группа")),
		"telegram": citizen.TelegramDialog(s.tg), "maxgroup": citizen.MAXGroup(mxGroup), "max": citizen.MAXDialog(s.bot)}
	o := citizen.Options{Regions: []citizen.Region{{ID: "r", Name: "Регион", Zone: time.UTC}}, Desk: func() string { return "http://desk.test" },
		Wrote: func(p *citizen.Place) { s.wrote = append(s.wrote, p.Key) }}
	for key, p := range places {
		p.Key, p.Region, p.Title = key, "r", "Место "+key
		o.Places = append(o.Places, p)
	}
	handler, err := citizen.New(o)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	s.url = srv.URL
	return s
}

// browser is somebody with a cookie jar.
func (s *street) browser() *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	c := &http.Client{Jar: jar}
	s.get(c, "/", http.StatusOK)
	return c
}

func (s *street) get(c *http.Client, path string, want int) string {
	s.t.Helper()
	resp, err := c.Get(s.url + path)
	return s.read(resp, err, want)
}

func (s *street) post(c *http.Client, path string, form url.Values, want int) (body, at string) {
	s.t.Helper()
	resp, err := c.PostForm(s.url+path, form)
	body = s.read(resp, err, want)
	return body, resp.Request.URL.Path
}

var strange = regexp.MustCompile(`(?:src|href|action)="(?:https?:)?//[^"]*"|<script|style="| on[a-z]+="`)

// read reads an answer and looks at what every page must be: no script, nothing
// from elsewhere but the link to the workplace, a policy that would refuse both.
func (s *street) read(resp *http.Response, err error, want int) string {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // read to the end
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != want {
		s.t.Fatalf("%s: %s, want %d: %s", resp.Request.URL.Path, resp.Status, want, body)
	}
	for _, found := range strange.FindAllString(string(body), -1) {
		if found != `href="http://desk.test"` {
			s.t.Errorf("%s holds %s", resp.Request.URL.Path, found)
		}
	}
	if csp := resp.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "script-src") {
		s.t.Errorf("%s: policy %q", resp.Request.URL.Path, csp)
	}
	return string(body)
}

func TestWhatIsWrittenStandsThere(t *testing.T) {
	s := newStreet(t)
	me, other := s.browser(), s.browser()
	for _, place := range []string{"wall", "group", "maxgroup"} {
		_, at := s.post(me, "/"+place, url.Values{"text": {"У дома <b>яма</b>\r\nи лужа"}}, http.StatusOK)
		if _, again := s.post(other, at, url.Values{"text": {"И у нас"}}, http.StatusOK); again != at {
			t.Errorf("%s: a comment leads from %s to %s", place, at, again)
		}
		thread := s.get(other, at+"/said", http.StatusOK)
		if !strings.Contains(thread, "У дома &lt;b&gt;яма&lt;/b&gt;\nи лужа") || strings.Index(thread, "И у нас") < strings.Index(thread, "яма") {
			t.Errorf("%s: %s", place, thread)
		}
		if list := s.get(me, "/"+place+"/said", http.StatusOK); !strings.Contains(list, "Ответов: 1") || !strings.Contains(list, `href="`+at+`"`) || strings.Contains(list, "И у нас") {
			t.Errorf("%s: threads %s", place, list)
		}
	}
	for _, place := range []string{"vk", "telegram", "max"} {
		s.post(me, "/"+place, url.Values{"text": {"Только боту"}}, http.StatusOK)
		if mine := s.get(me, "/"+place+"/said", http.StatusOK); !strings.Contains(mine, "Только боту") || !strings.Contains(mine, `class="mine"`) {
			t.Errorf("%s: %s", place, mine)
		}
		if theirs := s.get(other, "/"+place+"/said", http.StatusOK); strings.Contains(theirs, "Только боту") {
			t.Errorf("%s: a stranger reads along: %s", place, theirs)
		}
	}
	if got := strings.Join(s.wrote, " "); got != "wall wall group group maxgroup maxgroup" {
		t.Errorf("told of %q", got)
	}
}

func TestSomebodyElseIsSomebodyElse(t *testing.T) {
	s := newStreet(t)
	me := s.browser()
	s.post(me, "/vk", url.Values{"text": {"Только боту"}}, http.StatusOK)
	s.post(me, "/somebody-else", nil, http.StatusOK)
	if said := s.get(me, "/vk/said", http.StatusOK); strings.Contains(said, "Только боту") {
		t.Errorf("the new person reads what the old one wrote: %s", said)
	}
}

func TestBadWritingIsRefused(t *testing.T) {
	s := newStreet(t)
	me := s.browser()
	for name, c := range map[string]struct {
		path, text string
		want       int
		words      string
	}{
		"empty":          {"/wall", " \r\n", http.StatusUnprocessableEntity, "пустое сообщение"},
		"too long":       {"/vk", strings.Repeat("я", 4001), http.StatusUnprocessableEntity, strings.Repeat("я", 4001)},
		"no place":       {"/moon", "яма", http.StatusNotFound, "Такого места здесь нет"},
		"no thread":      {"/wall/at/77", "яма", http.StatusNotFound, "записи больше нет"},
		"no thread (TG)": {"/group/at/x", "яма", http.StatusNotFound, "записи больше нет"},
		"no thread (MX)": {"/maxgroup/at/mid.0", "яма", http.StatusNotFound, "записи больше нет"},
		"huge":           {"/wall", strings.Repeat("я", 1<<17), http.StatusBadRequest, "не читается"},
	} {
		if body, _ := s.post(me, c.path, url.Values{"text": {c.text}}, c.want); !strings.Contains(body, c.words) {
			t.Errorf("%s: %s", name, body[:min(2000, len(body))])
		}
	}
	s.get(me, "/wall/at/77", http.StatusNotFound)
	for _, place := range []string{"vk", "telegram", "max", "wall"} {
		s.post(me, "/"+place+"/press", url.Values{"label": {"Согласен"}}, http.StatusNotFound)
	}
	foreign, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/wall", strings.NewReader("text=яма"))
	if err != nil {
		t.Fatal(err)
	}
	foreign.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	foreign.Header.Set("Origin", "http://elsewhere.test")
	resp, err := me.Do(foreign)
	if body := s.read(resp, err, http.StatusForbidden); !strings.Contains(body, "с чужой страницы") {
		t.Errorf("a foreign form: %s", body)
	}
	if len(s.vk.Board(wall, 10)) != 0 {
		t.Error("something was written all the same")
	}
}
