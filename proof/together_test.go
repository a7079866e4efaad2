package proof

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/telegram"
	"github.com/otklik/otklik/platform/vk/vkfake"
)

// pairs is how many problems of each kind are written twice at once.
const pairs = 60

// TestProblemArrivingAtTwoWorkersOpensOneCase pushes each problem through VK to
// one worker and through Telegram to another at the same moment: once word for
// word, once in other words about the same address.
func TestProblemArrivingAtTwoWorkersOpensOneCase(t *testing.T) {
	s := newStand(t).raced()
	s.vk.AddCommunity(vkfake.Community{ID: ownCommunity, Token: "community-token"})
	s.addSource(domain.VKCallback, strconv.Itoa(ownCommunity))
	s.addSource(domain.TelegramWebhook, s.tg.BotID())
	s.setenv("OTKLIK_PUBLIC_URL=http://127.0.0.1:1") // nobody is called there: the test pushes itself
	var hooks [2]string
	var workers [2]*worker
	for i := range workers {
		env, url := hooksAt(t)
		workers[i], hooks[i] = s.serve(env).ready(t), url
	}

	atOnce := 0
	for i := range 2 * pairs {
		first := problem(i)
		second := first
		if i%2 == 1 {
			second = "На проезжей части выбоины и ямы, объехать негде. " + address(i)
		}
		if s.together(hooks[i%2], hooks[1-i%2], i+1, first, second) {
			atOnce++
		}
	}
	t.Logf("figure pairs %d", 2*pairs)
	t.Logf("figure pairs_at_once %d", atOnce)
	if atOnce < pairs {
		t.Errorf("only %d of %d pairs were in hand at the same time: the race was not run", atOnce, 2*pairs)
	}
	if n := s.query(`SELECT count(*) FROM cases`); n != 2*pairs {
		t.Errorf("%d cases for %d problems", n, 2*pairs)
	}
	if n := s.query(`SELECT count(*) FROM cases WHERE posts = 2`); n != 2*pairs {
		t.Errorf("%d cases hold both of their posts, want %d", n, 2*pairs)
	}
	s.inOneCase()
	s.mustLive(workers[:]...)
}

// together pushes a post of VK and a message of Telegram at the same moment and
// reports whether both were in hand at once.
func (s *stand) together(vkHooks, tgHooks string, id int, vkText, tgText string) bool {
	s.t.Helper()
	vk, tg := vkPost(id, vkText), tgMessage(id, tgText)
	secret := map[string]string{"X-Telegram-Bot-Api-Secret-Token": telegram.WebhookSecret(s.tg.Token())}
	type times struct{ began, over time.Time }
	var done [2]times
	var wg sync.WaitGroup
	start := make(chan struct{})
	run := func(at *times, url string, header map[string]string, body []byte) {
		<-start
		at.began = time.Now()
		status, answer := post(s.t, url, header, body)
		at.over = time.Now()
		if status != http.StatusOK {
			s.t.Errorf("push to %s: %d %s", url, status, answer)
		}
	}
	wg.Go(func() { run(&done[0], vkHooks+"/vk", nil, vk) })
	wg.Go(func() { run(&done[1], tgHooks+"/telegram/"+s.tg.BotID(), secret, tg) })
	close(start)
	wg.Wait()
	return done[0].began.Before(done[1].over) && done[1].began.Before(done[0].over)
}

// vkPost is a wall_post_new event of the own community, as the Callback API sends it.
func vkPost(id int, text string) []byte {
	return vkEvent("wall_post_new", map[string]any{"id": id, "owner_id": -ownCommunity, "from_id": 1000 + id,
		"date": time.Now().Unix(), "post_type": "post", "text": text})
}

func vkEvent(kind string, object any) []byte {
	return rendered(map[string]any{"type": kind, "group_id": ownCommunity, "secret": "secret", "v": "5.131",
		"event_id": fmt.Sprintf("%x", time.Now().UnixNano()), "object": object})
}

// tgMessage is a message of a group, as a webhook gets it.
func tgMessage(id int, text string) []byte {
	return tgUpdate(id, "message", map[string]any{"message_id": id, "date": time.Now().Unix(), "text": text,
		"chat": map[string]any{"id": -1001000000888, "type": "supergroup", "title": "Группа"},
		"from": map[string]any{"id": 2000 + id, "is_bot": false, "first_name": "Житель"}})
}

func tgUpdate(id int, kind string, payload any) []byte {
	return rendered(map[string]any{"update_id": id, kind: payload})
}

// rendered is JSON of values that always have one.
func rendered(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}
