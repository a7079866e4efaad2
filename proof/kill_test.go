package proof

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/telegram/tgfake"
	"github.com/otklik/otklik/platform/vk/vkfake"
)

// Figures of the proof, as the plan of the first version asks for them.
const (
	killPosts = 20_000
	kills     = 20
	walls     = 8
)

// address is a place nobody else has, so that every text is a problem of its own.
func address(i int) string {
	streets := []string{"Ленина", "Карла Маркса", "Пушкина", "Гагарина", "Калинина", "Шевченко", "Тихоокеанской",
		"Краснореченской", "Суворова", "Волочаевской", "Серышева", "Запарина", "Дзержинского", "Фрунзе", "Истомина", "Ким Ю Чена"}
	return fmt.Sprintf("Хабаровск, улица %s, дом %d", streets[i%len(streets)], 1+i/len(streets))
}

// killText gives every tenth text to ten authors: copies that must share a case.
func killText(i int) string {
	if i%10 == 0 {
		i -= i % 100
	}
	return "Огромная яма на дороге, машины бьют колёса. " + address(i)
}

// TestKilledTwentyTimesLosesAndDoublesNothing kills workers with -9 at random
// moments while posts arrive, and empties Redis in between.
func TestKilledTwentyTimesLosesAndDoublesNothing(t *testing.T) {
	s := newStand(t)
	group := s.killSources()
	workers := []*worker{s.serve("OTKLIK_HOOKS_LISTEN=127.0.0.1:0"), s.serve("OTKLIK_HOOKS_LISTEN=127.0.0.1:0")}

	published := make(chan struct{})
	go func() {
		defer close(published)
		s.publish(group)
	}()
	opts, err := redis.ParseURL(s.redis)
	if err != nil {
		t.Fatal(err)
	}
	rdb := redis.NewClient(opts)
	defer func() { _ = rdb.Close() }()
	inFlight := 0
	for k := range kills {
		time.Sleep(time.Duration(1000+rand.IntN(2500)) * time.Millisecond)
		before := s.query(`SELECT count(*) FROM sources WHERE lease_until > clock_timestamp()`)
		if before > 0 {
			inFlight++
		}
		victim := rand.IntN(len(workers))
		workers[victim].kill()
		if k%4 == 3 {
			if err := rdb.FlushAll(t.Context()).Err(); err != nil {
				t.Fatal(err)
			}
		}
		workers[victim] = s.serve("OTKLIK_HOOKS_LISTEN=127.0.0.1:0")
	}
	<-published
	s.awaitPosts(15*time.Minute, killPosts)
	for _, w := range workers {
		if code := w.stop(); code != 0 {
			t.Errorf("a worker asked to stop ended with code %d\n%s", code, s.logTail())
		}
	}
	s.sameAsLedger()
	s.nothingDoubled()
	t.Logf("figure kills %d", kills)
	t.Logf("figure kills_in_flight %d", inFlight)
	if n := s.query(countPosts); n != killPosts {
		t.Errorf("%d posts stored, %d published", n, killPosts)
	}
	if held := s.query(`SELECT count(*) FROM sources WHERE state IN ('failing', 'closed')`); held != 0 {
		t.Errorf("%d sources in trouble at the end\n%s", held, s.run("source", "list"))
	}
}

// killSources makes the walls, the own community and the group, and adds them.
func (s *stand) killSources() *tgfake.Chat {
	for i := range walls {
		s.vk.AddCommunity(vkfake.Community{ID: int64(i + 1)})
		s.addSource(domain.VKWall, strconv.Itoa(-(i + 1)), "--home", "khabarovsk-city")
	}
	s.vk.AddCommunity(vkfake.Community{ID: ownCommunity, Token: "community-token"})
	s.addSource(domain.VKLongPoll, strconv.Itoa(ownCommunity))
	group := s.tg.Supergroup(-1001000000777, "", "Группа")
	s.addSource(domain.TelegramBot, s.tg.BotID())
	return group
}

// publish writes all posts over about forty seconds.
func (s *stand) publish(group *tgfake.Chat) {
	const step = 250
	for i := 0; i < killPosts; i += step {
		for j := i; j < i+step; j++ {
			switch text := killText(j); {
			case j%2 == 0:
				s.vk.AddPost(vkfake.Post{Owner: -int64(j/2%walls + 1), From: int64(j + 1), Text: text})
			case j%4 == 1:
				s.vk.AddPost(vkfake.Post{Owner: -ownCommunity, From: int64(j + 1), Text: text})
			default:
				group.Post(tgfake.Draft{From: tgfake.User{ID: int64(j + 1), FirstName: "Житель"}, Text: text})
			}
		}
		time.Sleep(400 * time.Millisecond)
	}
}

// nothingDoubled looks for copies that did not share their case, and for posts
// in two.
func (s *stand) nothingDoubled() {
	s.t.Helper()
	twice := s.query(`SELECT count(*) FROM (SELECT key FROM case_keys WHERE key LIKE 'copy:%'
		GROUP BY region, key HAVING count(DISTINCT case_id) > 1) d`)
	shared := s.query(`SELECT count(*) FROM (SELECT post_id FROM case_posts GROUP BY post_id HAVING count(*) > 1) d`)
	s.t.Logf("figure posts_doubled %d", twice+shared)
	if twice+shared > 0 {
		s.t.Errorf("%d texts have two cases, %d posts are in two cases", twice, shared)
	}
	cases := s.query(`SELECT count(*) FROM cases`)
	distinct := map[string]bool{}
	for i := range killPosts {
		distinct[killText(i)] = true
	}
	if cases != int64(len(distinct)) {
		s.t.Errorf("%d cases for %d different problems", cases, len(distinct))
	}
}

// TestTwoStepStopKeepsTheBatchInHand asks a busy worker to stop and expects
// exit code 0 and no lease left behind.
func TestTwoStepStopKeepsTheBatchInHand(t *testing.T) {
	s := newStand(t)
	s.vk.AddCommunity(vkfake.Community{ID: 1})
	s.addSource(domain.VKWall, "-1")
	for i := range 300 {
		s.vk.AddPost(vkfake.Post{Owner: -1, Text: killText(i)})
	}
	w := s.serve()
	waitFor(t, patience, "the first posts", func() bool { return s.query(countPosts) > 0 })
	if code := w.stop(); code != 0 {
		t.Errorf("exit code %d\n%s", code, s.logTail())
	}
	if held := s.query(`SELECT count(*) FROM sources WHERE lease_until > clock_timestamp()`); held != 0 {
		t.Errorf("%d leases left behind by a clean stop", held)
	}
}
