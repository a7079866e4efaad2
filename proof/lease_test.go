package proof

import (
	"context"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/ingest"
	"github.com/otklik/otklik/platform/telegram/tgfake"
	"github.com/otklik/otklik/platform/vk/vkfake"
)

// takeover is how soon a dead worker's sources must be polled by another.
const takeover = 2 * ingest.DefaultLease

// TestSourcesOfAKilledWorkerAreTakenOver kills the worker that holds everything
// with -9, in the middle of a wall and of a preview: what is written afterwards is
// stored by the other within two leases.
func TestSourcesOfAKilledWorkerAreTakenOver(t *testing.T) {
	s := newStand(t)
	p := &writer{s: s, group: s.continuous()}
	looked := s.looked()
	first := s.serve(noHooks).ready(t)
	waitFor(t, patience, "both sources held", func() bool { return s.heldBy(first) == 2 })
	second := s.serve(noHooks).ready(t)
	p.publish(10)
	looked(100)
	s.awaitPosts(patience, 12)
	victim, heir := s.holder(first, second, 2)
	s.holdAll(victim, heir)

	victim.kill()
	killed := time.Now()
	s.vk.SetFaults(nil)
	s.tg.Heal()
	heir.signal(syscall.SIGCONT)
	if n := s.heldBy(victim); n != 4 {
		t.Fatalf("the victim died with %d of 4 sources in hand", n)
	}
	p.publish(20)
	looked(200)
	polled := waitFor(t, takeover, "sources polled by the other worker", func() bool { return s.heldBy(heir) >= 2 })
	s.awaitPosts(takeover-time.Since(killed), 34)
	t.Logf("figure takeover_seconds %.1f", polled.Seconds())
	t.Logf("figure takeover_stored_seconds %.1f", time.Since(killed).Seconds())
	s.mustLive(heir)
	s.sameAsLedger()
	s.inOneCase()
}

// looked makes and adds the two kinds of sources that are looked at from time to
// time, and returns what writes a problem to each.
func (s *stand) looked() (publish func(i int)) {
	s.t.Helper()
	s.vk.AddCommunity(vkfake.Community{ID: 1})
	s.addSource(domain.VKWall, "-1")
	channel := s.tg.Channel(-1001000000555, "chuzhoy_kanal", "Чужой канал")
	channel.SetMember(false)
	s.addSource(domain.TelegramPreview, "chuzhoy_kanal")
	return func(i int) {
		s.vk.AddPost(vkfake.Post{Owner: -1, From: 5, Text: problem(i)})
		channel.Post(tgfake.Draft{Text: problem(i + 1)})
		s.pollNow()
	}
}

// holdAll lets the victim come to the wall and the preview, which do not answer
// until they are healed; the other one sleeps until it is woken.
func (s *stand) holdAll(victim, other *worker) {
	s.t.Helper()
	other.signal(syscall.SIGSTOP)
	s.vk.SetFaults(func(method string) *vkfake.Fault {
		if method != "wall.get" {
			return nil
		}
		return &vkfake.Fault{Delay: time.Minute}
	})
	s.tg.Fail(tgfake.Fault{Method: "preview", Delay: time.Minute, Times: 1000})
	waitFor(s.t, patience, "the victim in the middle of everything", func() bool {
		s.pollNow()
		return s.heldBy(victim) == 4
	})
}

// TestFrozenWorkerWakesWithoutHarm freezes the worker that holds everything past
// its lease, at three bad moments, and wakes it after another has taken over.
func TestFrozenWorkerWakesWithoutHarm(t *testing.T) {
	s := newStand(t)
	f := &freezer{stand: s, p: &writer{s: s, group: s.continuous()}}
	f.a = s.serve(noHooks).ready(t)
	f.addSecond()
	for _, moment := range []struct {
		name   string
		freeze func(holder *worker)
		says   []string // one of them must stand in the woken worker's log
	}{
		{"an answer of the platform on its way", f.duringPull, nil},
		{"a commit that has not yet proved its lease", f.beforeProof, []string{leaseLost}},
		// The server's refusal, the broken connection or the renewal that finds the lease
		// gone and stops the commit, whichever the worker meets first.
		{"a commit that holds its locks", f.insideCommit, []string{"commit batch: ", leaseLost}},
	} {
		f.round(moment.name, moment.freeze, moment.says...)
	}
	s.sameAsLedger()
	s.inOneCase()
}

// freezer freezes one of two workers and sees what becomes of it.
type freezer struct {
	*stand
	p    *writer
	a, b *worker
}

// leaseLost is what a worker logs that found its lease gone.
const leaseLost = "lease lost, batch dropped"

func (f *freezer) round(name string, freeze func(*worker), says ...string) {
	f.t.Helper()
	holder, other := f.holder(f.a, f.b, 2)
	freeze(holder)
	began := time.Now()
	f.p.publish(40)
	f.awaitPosts(takeover+5*time.Second, int64(f.p.n))
	f.t.Logf("frozen with %s: taken over and stored after %.1f s", name, time.Since(began).Seconds())
	f.p.publish(10) // the other one is in the middle of its work
	marked := holder.own.size()
	holder.signal(syscall.SIGCONT)
	if len(says) > 0 {
		f.mustSay(holder, marked, says...)
	}
	f.awaitPosts(takeover, int64(f.p.n))
	f.worksAlone(holder, other)
}

// mustSay waits for one of some lines of the woken worker's log.
func (f *freezer) mustSay(woken *worker, since int, texts ...string) {
	f.t.Helper()
	said := func(text string) bool { return woken.own.hasSince(since, text) }
	for end := time.Now().Add(time.Minute); !slices.ContainsFunc(texts, said); {
		if time.Now().After(end) {
			f.t.Errorf("the woken worker did not log «%s»:\n%s", strings.Join(texts, "» or «"), woken.own.text[since:])
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// worksAlone stops the other worker: the woken one must go on. Then there are
// two again.
func (f *freezer) worksAlone(woken, other *worker) {
	f.t.Helper()
	f.mustLive(woken, other)
	if code := other.stop(); code != 0 {
		f.t.Errorf("the other worker stopped with code %d\n%s", code, other.own.tail())
	}
	f.p.publish(10)
	f.awaitPosts(takeover, int64(f.p.n))
	f.mustLive(woken)
	f.a = woken
	f.addSecond()
}

// addSecond starts a second worker once the first one holds everything.
func (f *freezer) addSecond() {
	f.t.Helper()
	waitFor(f.t, takeover, "both sources held", func() bool { return f.heldBy(f.a) == 2 })
	f.b = f.serve(noHooks).ready(f.t)
}

// duringPull: the platforms' answers arrive while the worker sleeps.
func (f *freezer) duringPull(holder *worker) {
	holder.signal(syscall.SIGSTOP)
	f.p.publish(10)
}

// beforeProof holds the source's row until the lease has lapsed, so that the
// worker sleeps with a commit that is about to ask whether the lease is its own.
func (f *freezer) beforeProof(holder *worker) {
	f.t.Helper()
	tx := f.begin()
	defer tx.end()
	tx.run(`SELECT 1 FROM sources WHERE kind = $1 FOR UPDATE`, string(domain.TelegramBot))
	time.Sleep(6 * time.Second) // renewals pass a locked row over; a commit waits ten seconds for it
	f.p.publish(10)
	f.waiting("HoldLease")
	holder.signal(syscall.SIGSTOP)
	waitFor(f.t, 10*time.Second, "the lease to lapse", func() bool {
		return f.query(`SELECT count(*) FROM sources WHERE kind = $1 AND lease_until <= clock_timestamp()`, string(domain.TelegramBot)) == 1
	})
}

// insideCommit stops the worker after its commit has locked the source and
// before it has ended: only the database's own limit frees the locks.
func (f *freezer) insideCommit(holder *worker) {
	f.t.Helper()
	tx := f.begin()
	defer tx.end()
	tx.run(`LOCK TABLE case_posts IN SHARE ROW EXCLUSIVE MODE`)
	f.p.publish(10)
	f.waiting("InsertCasePosts")
	holder.signal(syscall.SIGSTOP)
}

// waiting waits until a statement of a worker waits for a lock.
func (f *freezer) waiting(statement string) {
	f.t.Helper()
	waitFor(f.t, 20*time.Second, statement+" waiting for a lock", func() bool {
		return f.query(`SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%name: ' || $1 || ' %'`, statement) > 0
	})
}

// sideTx is a transaction of the test's own that stands in the way.
type sideTx struct {
	s    *stand
	conn *pgx.Conn
}

func (s *stand) begin() *sideTx {
	s.t.Helper()
	tx := &sideTx{s: s, conn: s.connect()}
	tx.run(`BEGIN`)
	return tx
}

func (x *sideTx) run(sql string, args ...any) {
	x.s.t.Helper()
	if _, err := x.conn.Exec(context.Background(), sql, args...); err != nil {
		x.s.t.Fatalf("%s: %v", sql, err)
	}
}

// end gives the locks back.
func (x *sideTx) end() { _ = x.conn.Close(context.Background()) }
