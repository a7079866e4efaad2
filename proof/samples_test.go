package proof

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/max"
	"github.com/otklik/otklik/platform/telegram"
)

// sample is a real answer, event or page of a platform.
type sample struct {
	name string
	body []byte
}

func samplesOf(t *testing.T, folder string) []sample {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "shared", "samples", folder, "*"))
	if err != nil {
		t.Fatal(err)
	}
	var out []sample
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, sample{name: folder + "/" + filepath.Base(file), body: body})
	}
	if len(out) == 0 {
		t.Skip("no samples beside the repository")
	}
	return out
}

// minimum numbers of posts that the samples hold, by where they come from. Private
// messages, of people who consented to nothing, are not among them.
const (
	samplePostsVK       = 25
	samplePostsTelegram = 20
	samplePostsMAX      = 1
)

// TestRealSamplesThroughServe sends every real file through a running worker:
// as an answer of every VK method that is read, as a page of t.me, and as a push.
// What is no such thing must be refused and harm nobody.
func TestRealSamplesThroughServe(t *testing.T) {
	vk, tg, other := samplesOf(t, "vk"), samplesOf(t, "telegram"), samplesOf(t, "max")
	s := newStand(t)
	world := newScripted(t, vk, slices.DeleteFunc(slices.Clone(tg), func(f sample) bool { return !strings.HasSuffix(f.name, ".html") }))
	s.setenv(world.env()...)
	s.addSource(domain.TelegramWebhook, s.tg.BotID(), "--settings", `{"dialog":true}`)
	s.addSource(domain.MAXWebhook, s.mxBot.ID(), "--settings", `{"dialog":true}`)
	hooksEnv, hooks := hooksAt(t)
	s.setenv("OTKLIK_PUBLIC_URL=" + hooks)
	s.addScripted(world)
	w := s.serve(hooksEnv).ready(t)

	began := time.Now()
	s.pushSamples(hooks, vk, tg, other)
	s.awaitPolls(w)
	t.Logf("figure samples_seconds %.1f", time.Since(began).Seconds())
	byPlatform := func(p domain.Platform) int64 {
		return s.query(`SELECT count(*) FROM post_ids WHERE platform = $1`, string(p))
	}
	t.Logf("figure samples %d", len(vk)+len(tg)+len(other))
	t.Logf("figure sample_posts_vk %d", byPlatform(domain.VK))
	t.Logf("figure sample_posts_telegram %d", byPlatform(domain.Telegram))
	t.Logf("figure sample_posts_max %d", byPlatform(domain.MAX))
	if byPlatform(domain.VK) < samplePostsVK || byPlatform(domain.Telegram) < samplePostsTelegram || byPlatform(domain.MAX) < samplePostsMAX {
		t.Errorf("too few posts came of the samples\n%s", w.own.tail())
	}

	world.heal()
	healing := time.Now()
	before := s.query(countPosts)
	s.pollNow()
	walls := s.query(`SELECT count(*) FROM sources WHERE kind = 'vk_wall'`)
	s.awaitPosts(patience, before+walls) // every wall, whatever it met before, is read again
	t.Logf("figure samples_healed_seconds %.1f", time.Since(healing).Seconds())
	s.mustLive(w)
	s.inOneCase()
}

// pushSamples pushes every file at both hooks: as it is, and as the event or
// update it can be. Nothing may be answered with a 5xx.
func (s *stand) pushSamples(hooks string, lists ...[]sample) {
	s.t.Helper()
	secret := map[string]string{"X-Telegram-Bot-Api-Secret-Token": telegram.WebhookSecret(s.tg.Token())}
	ofMAX := map[string]string{maxSecretHeader: max.WebhookSecret(s.mxBot.Token(), s.mxBot.ID())}
	taken := 0
	push := func(name, path string, header map[string]string, body []byte) {
		status, answer := post(s.t, hooks+path, header, body)
		if status >= 500 || status == 0 {
			s.t.Errorf("%s pushed to %s: %d %s", name, path, status, answer)
		}
		if status == http.StatusOK {
			taken++
		}
	}
	for _, f := range slices.Concat(lists...) {
		push(f.name, "/vk", nil, f.body)
		push(f.name, "/telegram/"+s.tg.BotID(), secret, f.body)
		push(f.name, "/max/"+s.mxBot.ID(), ofMAX, f.body)
		if event := asEvent(f.body); event != nil {
			push(f.name, "/vk", nil, event)
		}
		for _, update := range asUpdates(f.body) {
			push(f.name, "/telegram/"+s.tg.BotID(), secret, update)
		}
	}
	s.t.Logf("figure sample_pushes_taken %d", taken)
	if taken < 40 {
		s.t.Errorf("only %d pushes were taken", taken)
	}
}

// asEvent adds the secret to an event of a community; nil when it is none.
func asEvent(body []byte) []byte {
	var event map[string]json.RawMessage
	if json.Unmarshal(body, &event) != nil || event["type"] == nil || event["group_id"] == nil {
		return nil
	}
	event["secret"] = json.RawMessage(`"secret"`)
	return rendered(event)
}

// asUpdates makes updates of what a file holds: an update, a message, or
// several messages by name.
func asUpdates(body []byte) [][]byte {
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil {
		return nil
	}
	if fields["message_id"] != nil {
		return [][]byte{tgUpdate(1, "message", fields), tgUpdate(2, "edited_message", fields), tgUpdate(3, "channel_post", fields)}
	}
	var out [][]byte
	for name, value := range fields {
		if strings.HasSuffix(name, "_message") {
			out = append(out, tgUpdate(4, "message", value))
		}
	}
	if fields["update_id"] == nil && fields["message"] != nil {
		fields["update_id"] = json.RawMessage(`5`)
		out = append(out, rendered(fields))
	}
	return out
}

// addScripted adds a source for every role of every sample at once. The program
// would ask the scripted platform about each first, which is proved elsewhere.
func (s *stand) addScripted(w *scripted) {
	s.t.Helper()
	s.run("source", "list") // the regions are there after any command that prepares packs
	add := func(kind domain.SourceKind, address string) {
		s.exec(`INSERT INTO sources (region, kind, address, settings, next_poll_at) VALUES ($1, $2, $3, $4, now())`,
			region, string(kind), address, `{"first_days": 2}`)
	}
	for i := range w.answers {
		add(domain.VKWall, fmt.Sprint(-(walls0 + i)))
		add(domain.VKWall, fmt.Sprint(-(talks0 + i)))
		add(domain.VKSearch, fmt.Sprint("образец ", i))
		add(domain.VKLongPoll, fmt.Sprint(lists0+i))
	}
	for i := range w.pages {
		add(domain.TelegramPreview, fmt.Sprintf("sample_page_%d", i))
	}
	for _, group := range []string{"1234", "123456789"} { // of the events among the samples
		add(domain.VKCallback, group)
	}
}

// awaitPolls waits until every source has been asked once.
func (s *stand) awaitPolls(w *worker) {
	s.t.Helper()
	const unpolled = `SELECT count(*) FROM sources WHERE last_poll_at IS NULL AND kind NOT IN ('vk_callback', 'telegram_webhook', 'max_webhook')`
	for end := time.Now().Add(4 * time.Minute); s.query(unpolled) > 0; time.Sleep(200 * time.Millisecond) {
		s.mustLive(w)
		if time.Now().After(end) {
			s.t.Fatalf("%d sources were never polled\n%s", s.query(unpolled), s.run("source", "list"))
		}
	}
	if n := s.query(`SELECT count(*) FROM sources WHERE reason = '' AND last_poll_at IS NOT NULL`); n != 0 {
		s.t.Errorf("%d sources do not say why they are as they are", n)
	}
}

var (
	dates = regexp.MustCompile(`"date"\s*:\s*\d+`)
	times = regexp.MustCompile(`datetime="[^"]*"`)
)

// fresh brings the dates of a sample to a time of today, so that it is not too
// old to be read.
func fresh(body []byte, now time.Time) []byte {
	body = dates.ReplaceAll(body, fmt.Appendf(nil, `"date":%d`, now.Unix()))
	return times.ReplaceAll(body, fmt.Appendf(nil, `datetime="%s"`, now.Format(time.RFC3339)))
}
