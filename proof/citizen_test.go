package proof

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	street "github.com/otklik/otklik/demo/citizen"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/vk/vkfake"
)

// visitor is somebody at the page of the fake platforms, with a browser that runs
// no scripts.
type visitor struct {
	t      *testing.T
	base   string
	client *http.Client
	path   string // where they look: a place, or a thread of it
}

// at opens the page at a place.
func (v *visitor) at(place string) *visitor {
	there := *v
	there.path = "/" + place
	return &there
}

func (v *visitor) write(text string) {
	v.t.Helper()
	resp, err := v.client.PostForm(v.base+v.path, url.Values{"text": {text}})
	if err != nil {
		v.t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK { // after the way back to the thread
		v.t.Fatalf("%s: %s", v.path, resp.Status)
	}
	v.path = resp.Request.URL.Path
}

func (v *visitor) press(label string) error {
	resp, err := v.client.PostForm(v.base+v.path+"/press", url.Values{"label": {label}})
	if err != nil {
		return err
	}
	defer resp.Body.Close() //nolint:errcheck // only its status is read
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("press %s: %s", label, resp.Status)
	}
	return nil
}

var (
	spoken = regexp.MustCompile(`(?s)<article class="([a-z]+)[^"]*">.*?</article>`)
	words  = regexp.MustCompile(`(?s)<p class="text">(.*?)</p>`)
)

// said is what accounts of ours say in the frame of the page.
func (v *visitor) said() []string {
	var out []string
	for _, article := range spoken.FindAllStringSubmatch(v.frame(), -1) {
		if m := words.FindStringSubmatch(article[0]); article[1] == "ours" && m != nil {
			out = append(out, html.UnescapeString(m[1]))
		}
	}
	return out
}

func (v *visitor) frame() string {
	v.t.Helper()
	resp, err := v.client.Get(v.base + v.path + "/said")
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // read to the end
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		v.t.Fatalf("%s: %s %v", v.path, resp.Status, err)
	}
	return string(body)
}

// visit serves the page over the stand's fakes.
func (s *stand) visit(places ...street.Place) *visitor {
	s.t.Helper()
	handler, err := street.New(street.Options{Places: places, Regions: []street.Region{{ID: region, Name: "Хабаровский край"}}})
	if err != nil {
		s.t.Fatal(err)
	}
	srv := httptest.NewServer(handler)
	s.t.Cleanup(srv.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	v := &visitor{t: s.t, base: srv.URL, client: &http.Client{Jar: jar, Timeout: time.Minute}}
	v.frameOf("/")
	return v
}

// frameOf reads a page and throws it away: the browser has its cookie then.
func (v *visitor) frameOf(path string) {
	v.t.Helper()
	resp, err := v.client.Get(v.base + path)
	if err != nil {
		v.t.Fatal(err)
	}
	_ = resp.Body.Close()
}

func placeAt(key string, p street.Place) street.Place {
	p.Key, p.Region, p.Title = key, region, key
	return p
}

// TestCitizenWritesAndSeesTheAnswer: what is written on the page of the fakes, on a
// wall, in groups and in dialogs, comes in as posts; the body's answer is seen on
// the page, under the words it answers.
func TestCitizenWritesAndSeesTheAnswer(t *testing.T) {
	t.Parallel() // it waits more than it works
	s := newStand(t)
	s.talks()
	s.allowTelegram()
	const wall = -300_700_001
	s.vk.AddCommunity(vkfake.Community{ID: ownCommunity, Name: "ЦУР", Token: "community-token"})
	s.vk.AddCommunity(vkfake.Community{ID: -wall, Name: "Соседи"})
	tgGroup := s.tg.Supergroup(-1001000000778, "", "Группа")
	mxGroup := s.mx.Group(-70_000_000_778, "Группа")
	mxGroup.Add(s.mxBot, true)
	guest := s.visit(placeAt("wall", street.VKWall(s.vk, wall)), placeAt("group", street.TelegramGroup(tgGroup)), placeAt("max", street.MAXGroup(mxGroup)),
		placeAt("vk-dialog", street.VKDialog(s.vk, ownCommunity)), placeAt("telegram-dialog", street.TelegramDialog(s.tg)), placeAt("max-dialog", street.MAXDialog(s.mxBot)))
	written := map[string]string{
		"wall":            "В Хабаровске на улице Гайдара, дом 12, яма на дороге, машины бьют колёса",
		"group":           "В Хабаровске на улице Калинина, дом 7, третий день нет горячей воды",
		"max":             "В Хабаровске на улице Серышева, дом 31, не горят фонари, темно",
		"vk-dialog":       "В Хабаровске на улице Пушкина, дом 3, не вывозят мусор, контейнеры переполнены",
		"telegram-dialog": "В Хабаровске на улице Шеронова, дом 8, не убирают снег во дворе",
		"max-dialog":      "В Хабаровске на улице Ленина, дом 5, не работает лифт вторую неделю",
	}
	there := map[string]*conversation{}
	for key := range written {
		v := guest.at(key)
		if !strings.HasSuffix(key, "dialog") {
			v.write(written[key])
			if !strings.HasPrefix(v.path, "/"+key+"/at/") {
				t.Fatalf("%s: after writing one is at %s", key, v.path)
			}
		}
		there[key] = &conversation{stand: s, chat: v}
	}
	s.addSource(domain.VKWall, strconv.Itoa(wall))
	s.addSource(domain.VKLongPoll, strconv.Itoa(ownCommunity))
	s.addSource(domain.TelegramBot, s.tg.BotID())
	s.addSource(domain.MAXBot, s.mxBot.ID())
	w := s.serve().ready(t)
	for _, key := range []string{"vk-dialog", "telegram-dialog", "max-dialog"} {
		c := there[key]
		c.write(written[key])
		c.hears("Согласие на обработку персональных данных")
		c.presses("Согласен")
		if key == "telegram-dialog" { // Telegram shows no history
			c.hears("пришлите сообщение, пожалуйста, ещё раз")
			c.write(written[key])
		}
		c.hears("номер ")
	}
	waitFor(t, patience, "a case of every place", func() bool { return s.query(`SELECT count(*) FROM cases`) == int64(len(written)) })

	c := there["wall"]
	c.exec(`UPDATE cases SET agency_id = CASE WHEN proposed_agency <> '' THEN proposed_agency ELSE 'adm-khabarovsk-city' END WHERE agency_id = ''`)
	c.move("coordination", "execution")
	c.answer("Сделано, приносим извинения.")
	for key, c := range there {
		c.hears("Сделано, приносим извинения.")
		if frame := c.chat.(*visitor).frame(); !strings.Contains(frame, html.EscapeString(written[key])) {
			t.Errorf("%s: the answer does not stand with the words it answers: %s", key, frame)
		}
	}
	s.mustLive(w)
}
