package proof

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/telegram/tgfake"
	"github.com/otklik/otklik/platform/vk/vkfake"
	"github.com/otklik/otklik/storage/localpg"
)

const (
	outage    = 30 * time.Second
	callbacks = 701 // the community that pushes; ownCommunity is polled
	// catchUp is how soon after an outage everything written during it is stored:
	// pushes come again after pauses that grow to half of the outage.
	catchUp = 45 * time.Second
)

// TestPostgresStoppedWhilePostsArrive stops PostgreSQL under two workers that
// poll and are pushed to, and starts it again.
func TestPostgresStoppedWhilePostsArrive(t *testing.T) {
	s := newStand(t)
	o := newOutage(s)
	o.write(20)
	s.pollNow() // the wall was found empty: its own hour is far away
	s.awaitPosts(patience, int64(o.written))

	o.write(40)
	time.Sleep(100 * time.Millisecond) // in the middle of pulls, pushes and commits
	o.stop()
	down := time.Now()
	waitFor(t, 10*time.Second, "readiness to say 503", func() bool { return o.ready(http.StatusServiceUnavailable) })
	t.Logf("figure not_ready_seconds %.1f", time.Since(down).Seconds())
	time.Sleep(2 * time.Second) // answers that were on their way have come
	quiet := time.Now()
	inQueue, written := o.polled.Queued(), o.written
	for time.Since(down) < outage {
		o.write(4)
		if !o.ready(http.StatusServiceUnavailable) {
			t.Error("a worker called itself ready without a database")
		}
		time.Sleep(time.Second)
	}
	acknowledged := inQueue + (o.written-written)/len(o.ways) - o.polled.Queued()
	t.Logf("figure updates_acknowledged_in_outage %d", acknowledged)
	if acknowledged != 0 {
		t.Errorf("%d updates were acknowledged without a database", acknowledged)
	}
	o.pushesRefused(quiet, time.Now())
	s.mustLive(o.workers...)

	o.start()
	up := time.Now()
	waitFor(t, 15*time.Second, "readiness again", func() bool { return o.ready(http.StatusOK) })
	t.Logf("figure ready_again_seconds %.1f", time.Since(up).Seconds())
	o.write(20)
	s.pollNow()
	s.awaitPosts(catchUp, int64(o.written))
	t.Logf("figure caught_up_seconds %.1f", time.Since(up).Seconds())
	s.mustLive(o.workers...)
	s.sameAsLedger()
	s.inOneCase()
	if n := s.query(countPosts); n != int64(o.written) {
		t.Errorf("%d posts stored, %d written", n, o.written)
	}
}

// outages is an installation that hears of posts in every way there is.
type outages struct {
	*stand
	workers []*worker
	probes  []string
	polled  *tgfake.World // whose queue tells what was acknowledged
	gate    *gate
	ways    []func(text string)
	written int
}

func newOutage(s *stand) *outages {
	t := s.t
	o := &outages{stand: s, polled: s.tg}
	second := s.addBot("500600700:SECOND", 0.25)
	group := s.continuous()
	pushing := second.Supergroup(-1001000000999, "", "Группа с вебхуком")
	s.vk.AddCommunity(vkfake.Community{ID: 1})
	s.vk.AddCommunity(vkfake.Community{ID: callbacks, Token: "second-token"})
	s.setenv("OTKLIK_VK_COMMUNITIES=" + strings.Join(append(ownCommunities(), strconv.Itoa(callbacks)+":second-token:secret2:confirm2"), ","))
	s.addSource(domain.VKWall, "-1")
	s.addSource(domain.VKCallback, strconv.Itoa(callbacks))
	s.addSource(domain.TelegramWebhook, second.BotID())

	var hooks [2]string
	for i := range hooks {
		env, url := hooksAt(t)
		probesEnv, probes := probesAt(t)
		hooks[i] = url
		o.probes = append(o.probes, probes)
		if i == 0 {
			o.gate = newGate(t)
			s.setenv("OTKLIK_PUBLIC_URL=" + o.gate.URL)
		}
		o.workers = append(o.workers, s.serve(env, probesEnv).ready(t))
	}
	o.gate.targets = hooks[:]
	s.vk.AddHook(callbacks, vkfake.Hook{URL: o.gate.URL + "/vk", Secret: "secret2", Confirmation: "confirm2", MaxPause: 10 * time.Second})

	o.ways = []func(text string){
		func(text string) { s.vk.AddPost(vkfake.Post{Owner: -ownCommunity, From: 5, Text: text}) },
		func(text string) { group.Post(tgfake.Draft{Text: text}) },
		func(text string) { s.vk.AddPost(vkfake.Post{Owner: -callbacks, From: 6, Text: text}) },
		func(text string) { pushing.Post(tgfake.Draft{Text: text}) },
		func(text string) { s.vk.AddPost(vkfake.Post{Owner: -1, From: 7, Text: text}) },
	}
	return o
}

// write writes n problems in every way.
func (o *outages) write(n int) {
	for range n {
		for _, way := range o.ways {
			way(problem(o.written))
			o.written++
		}
	}
}

// ready reports whether both workers' readiness has a status, and their health is good.
func (o *outages) ready(status int) bool {
	o.t.Helper()
	for _, url := range o.probes {
		if get(url+"/healthz") != http.StatusOK {
			o.t.Error("a worker that lives does not say so")
		}
		if get(url+"/readyz") != status {
			return false
		}
	}
	return true
}

// pushesRefused checks that no push was taken without a database, of either platform.
func (o *outages) pushesRefused(from, to time.Time) {
	o.t.Helper()
	seen := o.gate.between(from, to)
	o.t.Logf("answers to pushes during the outage: %v", statuses(seen))
	tried := map[string]bool{}
	for _, p := range seen {
		tried[p.path] = true
		if p.status >= 200 && p.status < 300 {
			o.t.Errorf("a push to %s was acknowledged with %d without a database", p.path, p.status)
		}
	}
	if len(tried) != 2 {
		o.t.Errorf("pushes came to %v only: the proof needs both platforms", tried)
	}
}

func (o *outages) stop() {
	o.t.Helper()
	if err := o.pg.Stop(); err != nil {
		o.t.Fatalf("stop PostgreSQL: %v", err)
	}
}

// start starts the same server again: workers must find it without being told.
func (o *outages) start() {
	o.t.Helper()
	dsn := o.pg.DSN()
	pg, err := localpg.Start(context.Background(), localpg.Options{Dir: o.pgDir, Unsafe: true})
	if err != nil {
		o.t.Fatalf("start PostgreSQL again: %v", err)
	}
	o.pg = pg
	if pg.DSN() != dsn {
		o.t.Fatalf("PostgreSQL came back as %s, it was %s", pg.DSN(), dsn)
	}
}

// TestRedisKilledAndBack kills Redis under two workers: polling goes on, slower
// at most, and goes on when Redis is back.
func TestRedisKilledAndBack(t *testing.T) {
	s := newStand(t).raced()
	r := newRedis(t)
	s.setenv("REDIS_URL=" + r.url())
	p := &writer{s: s, group: s.continuous()}
	workers := []*worker{s.serve(noHooks).ready(t), s.serve(noHooks).ready(t)}
	walls := 0
	// newWalls need the limiter: each is read at once, in pages.
	newWalls := func(n, posts int) {
		for range n {
			walls++
			s.vk.AddCommunity(vkfake.Community{ID: int64(walls)})
			for range posts {
				s.vk.AddPost(vkfake.Post{Owner: -int64(walls), From: 9, Text: problem(p.n)})
				p.n++
			}
			s.addSource(domain.VKWall, strconv.Itoa(-walls))
		}
	}
	newWalls(2, 150)
	p.publish(20)
	s.awaitPosts(patience, int64(p.n))

	r.kill()
	newWalls(3, 150)
	p.publish(20)
	began := time.Now()
	s.awaitPosts(patience, int64(p.n))
	t.Logf("figure without_redis_seconds %.1f", time.Since(began).Seconds())
	if !s.logs.has("Redis does not answer") {
		t.Error("nobody said that Redis is gone")
	}

	r.start()
	said := s.logs.size()
	newWalls(3, 150)
	p.publish(20)
	began = time.Now()
	s.awaitPosts(patience, int64(p.n))
	t.Logf("figure redis_back_seconds %.1f", time.Since(began).Seconds())
	if !s.logs.hasSince(said, "Redis answers again") {
		t.Error("nobody said that Redis is back")
	}
	s.mustLive(workers...)
	s.sameAsLedger()
	s.inOneCase()
}
