package proof

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
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
	k := &killer{stand: s, workers: []*worker{s.serve(noHooks).ready(t), s.serve(noHooks).ready(t)}}

	published := make(chan struct{})
	go func() {
		defer close(published)
		s.publish(group)
	}()
	k.killMany()
	<-published
	s.sourcesDue()
	s.awaitPosts(15*time.Minute, killPosts)
	s.oneMoreEach(group)
	s.cursorsAtTheEnd()
	for _, w := range k.workers {
		if code := w.stop(); code != 0 {
			t.Errorf("a worker asked to stop ended with code %d\n%s", code, s.logTail())
		}
	}
	s.sameAsLedger()
	s.nothingDoubled()
	s.lastOnesOnce()
	t.Logf("figure kills %d", kills)
	t.Logf("figure kills_in_flight %d", k.inFlight)
	if k.inFlight < kills/2 {
		t.Errorf("only %d of %d victims held a source: the proof has not killed work in hand", k.inFlight, kills)
	}
	if n := s.query(countPosts); n != killPosts+lastOnes {
		t.Errorf("%d posts stored, %d published", n, killPosts+lastOnes)
	}
	if held := s.query(`SELECT count(*) FROM sources WHERE state IN ('failing', 'closed')`); held != 0 {
		t.Errorf("%d sources in trouble at the end\n%s", held, s.run("source", "list"))
	}
}

// killer kills one of its workers after another, and starts each anew.
type killer struct {
	*stand
	workers  []*worker
	inFlight int // victims that held a source when they died
}

func (k *killer) killMany() {
	k.t.Helper()
	opts, err := redis.ParseURL(k.redis)
	if err != nil {
		k.t.Fatal(err)
	}
	rdb := redis.NewClient(opts)
	defer func() { _ = rdb.Close() }()
	for n := range kills {
		k.sourcesDue() // walls are read the whole time, not once in minutes
		k.awaitHolder()
		time.Sleep(time.Duration(rand.IntN(1500)) * time.Millisecond)
		victim := rand.IntN(len(k.workers))
		if rand.IntN(4) > 0 { // at work, however quick the machine is; else at any moment
			victim = k.awaitHolder()
		}
		k.workers[victim].kill()
		if k.heldBy(k.workers[victim]) > 0 { // nobody gives the leases of the dead back
			k.inFlight++
		}
		if n%4 == 3 {
			if err := rdb.FlushAll(k.t.Context()).Err(); err != nil {
				k.t.Fatal(err)
			}
		}
		k.workers[victim] = k.serve(noHooks).ready(k.t)
	}
}

// sourcesDue makes every source due that nobody is busy with.
func (s *stand) sourcesDue() {
	s.t.Helper()
	s.exec(`UPDATE sources SET next_poll_at = now() - interval '1 second'
		WHERE id IN (SELECT id FROM sources WHERE next_poll_at > now() FOR UPDATE SKIP LOCKED)`)
}

// awaitHolder waits until a living worker works, and returns at once which: what
// the dead held is free only after their lease, and a quick worker has soon done
// what was due.
func (k *killer) awaitHolder() (holder int) {
	k.t.Helper()
	first := rand.IntN(len(k.workers))
	waitFor(k.t, takeover, "a worker that holds a source", func() bool {
		k.sourcesDue()
		for i := range k.workers {
			holder = (first + i) % len(k.workers)
			if k.heldBy(k.workers[holder]) > 0 {
				return true
			}
		}
		return false
	})
	return holder
}

// lastOnes are written after all kills, one to each source.
const lastOnes = walls + 2

func (s *stand) oneMoreEach(group *tgfake.Chat) {
	s.t.Helper()
	for i := range lastOnes {
		text, from := killText(killPosts+1+i), int64(killPosts+1+i)
		switch {
		case i < walls:
			s.vk.AddPost(vkfake.Post{Owner: -int64(i + 1), From: from, Text: text})
		case i == walls:
			s.vk.AddPost(vkfake.Post{Owner: -ownCommunity, From: from, Text: text})
		default:
			group.Post(tgfake.Draft{From: tgfake.User{ID: from, FirstName: "Житель"}, Text: text})
		}
	}
	began := time.Now()
	for s.query(countPosts) < killPosts+lastOnes && time.Since(began) < patience {
		s.sourcesDue()
		time.Sleep(time.Second)
	}
}

// lastOnesOnce: each is stored once, judged once and in one case.
func (s *stand) lastOnesOnce() {
	s.t.Helper()
	for i := range lastOnes {
		text := killText(killPosts + 1 + i)
		n := s.query(`SELECT count(*) FROM posts p JOIN verdicts v ON v.post_id = p.id JOIN case_posts c ON c.post_id = p.id WHERE p.text = $1`, text)
		if n != 1 {
			s.t.Errorf("the last post of source %d is stored, judged and in a case %d times", i, n)
		}
	}
}

// cursorsAtTheEnd waits until every cursor stands where its platform does, with
// nothing left open behind it.
func (s *stand) cursorsAtTheEnd() {
	s.t.Helper()
	const at = `SELECT count(*) FROM sources WHERE kind = $1 AND address = $2 AND `
	for i := range walls {
		owner := -int64(i + 1)
		items := s.vk.Items(owner)
		last := slices.MaxFunc(items, func(a, b vkfake.Item) int { return cmp.Compare(number(a.ID.Post), number(b.ID.Post)) })
		s.awaitCursor(at+`cursor -> 'seen' ? $3 AND NOT cursor ? 'gap'`, domain.VKWall, strconv.FormatInt(owner, 10), last.ID.Owner+"_"+last.ID.Post)
	}
	s.awaitCursor(at+`cursor -> 'server' ->> 'ts' = $3 AND NOT cursor ? 'rescan'`, domain.VKLongPoll, strconv.Itoa(ownCommunity),
		strconv.FormatInt(s.vk.LastTS(ownCommunity), 10))
	s.awaitCursor(at+`cursor ->> 'offset' = $3`, domain.TelegramBot, s.tg.BotID(), strconv.FormatInt(s.tg.NextUpdateID(), 10))
}

func (s *stand) awaitCursor(sql string, kind domain.SourceKind, address, end string) {
	s.t.Helper()
	waitFor(s.t, patience, fmt.Sprintf("the cursor of %s %s at %s", kind, address, end), func() bool {
		return s.query(sql, string(kind), address, end) == 1
	})
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
	for i := range killPosts + 1 + lastOnes {
		if i == killPosts { // was not published
			continue
		}
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
