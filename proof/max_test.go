package proof

import (
	"net/http"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/max"
	"github.com/otklik/otklik/platform/max/maxfake"
)

const (
	maxSecretHeader = "X-Max-Bot-Api-Secret"
	maxGroup        = -70000000000777
)

// TestMAXPushesEndToEnd: serve registers the webhook by itself and again when MAX
// has ended it; forged pushes are refused, repeated ones change nothing, edits and
// removals reach the database, and a worker killed in between loses nothing.
func TestMAXPushesEndToEnd(t *testing.T) {
	s := newStand(t).raced()
	s.addSource(domain.MAXWebhook, "@otklik_max_bot")
	env, url := hooksAt(t)
	s.setenv("OTKLIK_PUBLIC_URL=" + url)
	w := s.serve(env).ready(t)
	waitFor(t, patience, "the webhook registered", s.mxBot.Subscribed)
	s.forgedMAX(url)

	group := s.mx.Group(maxGroup, "Соседи")
	group.Add(s.mxBot, true)
	s.mxBot.LosePushAnswers(1)
	kept, gone := group.Post(maxfake.Draft{Text: problem(1)}), group.Post(maxfake.Draft{Text: problem(2)})
	s.maxDelivered()
	w.kill()
	while := group.Post(maxfake.Draft{Text: problem(3)}) // nobody is there to take it
	kept.EditText(time.Now(), problem(4))
	gone.Delete(time.Now())
	time.Sleep(200 * time.Millisecond)
	w = s.serve(env).ready(t)
	s.maxDelivered()
	for _, m := range []*maxfake.Message{kept, gone, while} {
		if n := s.countID(m.PostID(s.mxBot)); n != 1 {
			t.Errorf("%s is stored %d times", m.PostID(s.mxBot), n)
		}
	}
	s.edited(kept.PostID(s.mxBot), problem(1), problem(4))
	s.deleted(gone.PostID(s.mxBot))
	s.sameAsLedger()
	s.mustLive(w)
}

func (s *stand) maxDelivered() {
	s.t.Helper()
	waitFor(s.t, 90*time.Second, "MAX's pushes delivered", func() bool { return s.mxBot.Queued() == 0 })
}

func (s *stand) forgedMAX(url string) {
	s.t.Helper()
	body := rendered(map[string]any{"update_type": "message_created", "timestamp": 1, "message": map[string]any{
		"recipient": map[string]any{"chat_id": maxGroup, "chat_type": "chat"}, "timestamp": time.Now().UnixMilli(),
		"sender": map[string]any{"user_id": 5, "first_name": "А"}, "body": map[string]any{"mid": "mid.5", "seq": 5, "text": problem(9)}}})
	own := max.WebhookSecret(s.mxBot.Token(), s.mxBot.ID())
	for name, f := range map[string]struct{ path, secret string }{
		"no secret":    {"/max/" + s.mxBot.ID(), ""},
		"wrong secret": {"/max/" + s.mxBot.ID(), "x"},
		"another bot":  {"/max/1", own},
		"other token":  {"/max/" + s.mxBot.ID(), max.WebhookSecret("x", s.mxBot.ID())},
	} {
		if status, _ := post(s.t, url+f.path, map[string]string{maxSecretHeader: f.secret}, body); status != http.StatusForbidden {
			s.t.Errorf("%s: %d, want 403", name, status)
		}
	}
	if n := s.query(countPosts); n != 0 {
		s.t.Errorf("%d forged posts were stored", n)
	}
}

// TestMAXPolledThroughKills: a worker is killed again and again while a group of
// MAX is read by long poll; what was served is stored, once.
func TestMAXPolledThroughKills(t *testing.T) {
	s := newStand(t)
	s.addSource(domain.MAXBot, s.mxBot.ID())
	group := s.mx.Group(maxGroup, "Соседи")
	group.Add(s.mxBot, true)
	const rounds, each = 4, 40
	for i := range rounds {
		w := s.serve().ready(t)
		for n := range each {
			group.Post(maxfake.Draft{Text: problem(i*each + n)})
		}
		if i < rounds-1 {
			time.Sleep(time.Duration(30+70*i) * time.Millisecond)
			w.kill()
		}
	}
	s.awaitPosts(patience, rounds*each)
	s.maxDelivered()
	s.sameAsLedger()
}
