package proof

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/telegram/tgfake"
)

// TestPackSwitchIsFollowed switches packs under two running workers: a good one,
// bad ones, and back.
func TestPackSwitchIsFollowed(t *testing.T) {
	s := newStand(t)
	group := s.tg.Supergroup(-1001000000777, "", "Группа")
	s.addSource(domain.TelegramBot, s.tg.BotID())
	k := &packs{stand: s, group: group, workers: []*worker{s.serve(noHooks).ready(t), s.serve(noHooks).ready(t)}}
	embedded := k.active()
	k.opens(domain.Coordination)

	edited := k.copyOf(map[string][2]string{"region.yaml": {`assign_confidence: [\d.]+`, "assign_confidence: 0.999"}})
	if out := s.run("rules", "activate", edited, "--region", region); !strings.Contains(out, "в действии") {
		t.Errorf("activate said: %s", out)
	}
	t.Logf("figure pack_followed_seconds %.1f", k.followed().Seconds())
	stricter := k.active()
	if stricter == embedded {
		t.Fatal("the edited pack has the hash of the embedded one")
	}
	k.opens(domain.Moderation)

	k.refuses(embedded, stricter)
	k.opens(domain.Moderation)

	s.run("rules", "rollback", "--region", region)
	k.followed()
	if k.active() != embedded {
		t.Error("rollback did not return to the version before")
	}
	k.opens(domain.Coordination)
	s.mustLive(k.workers...)
}

// packs is an installation whose pack is switched.
type packs struct {
	*stand
	group   *tgfake.Chat
	workers []*worker
	seen    [2]int // how much of the workers' logs was looked at
	n       int
}

// active is the hash of the pack in force.
func (k *packs) active() string {
	k.t.Helper()
	for _, line := range strings.Split(k.run("rules", "list", "--region", region), "\n") {
		if hash, ok := strings.CutPrefix(line, "* "); ok {
			return hash[:12]
		}
	}
	k.t.Fatal("no version is active")
	return ""
}

// opens writes a clear problem and checks which state its case begins in, and
// that the verdict names the pack in force.
func (k *packs) opens(want domain.State) {
	k.t.Helper()
	k.n++
	k.group.Post(tgfake.Draft{Text: problem(k.n)})
	k.awaitPosts(patience, int64(k.n))
	if n := k.query(`SELECT count(*) FROM cases WHERE id = (SELECT max(id) FROM cases) AND state = $1`, string(want)); n != 1 {
		k.t.Errorf("problem %d did not begin as %s", k.n, want)
	}
	if n := k.query(`SELECT count(*) FROM verdicts WHERE id = (SELECT max(id) FROM verdicts) AND left(pack_hash, 12) = $1`, k.active()); n != 1 {
		k.t.Errorf("problem %d was judged by another pack than the one in force", k.n)
	}
}

// followed waits until every worker has taken the switched pack over.
func (k *packs) followed() time.Duration {
	k.t.Helper()
	took := waitFor(k.t, 15*time.Second, "the workers to follow the switch", func() bool {
		for i, w := range k.workers {
			if !w.own.hasSince(k.seen[i], "versions taken over") {
				return false
			}
		}
		return true
	})
	for i, w := range k.workers {
		k.seen[i] = w.own.size()
	}
	return took
}

// copyOf writes the embedded pack into a folder with the first text that fits a
// pattern replaced, by file.
func (k *packs) copyOf(replace map[string][2]string) string {
	k.t.Helper()
	dir := filepath.Join(k.t.TempDir(), region)
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "rules", region))); err != nil {
		k.t.Fatal(err)
	}
	for file, change := range replace {
		path := filepath.Join(dir, file)
		old, err := os.ReadFile(path)
		if err != nil {
			k.t.Fatal(err)
		}
		at := regexp.MustCompile(change[0]).FindIndex(old)
		if at == nil {
			k.t.Fatalf("%s holds nothing like %q", file, change[0])
		}
		edited := slices.Concat(old[:at[0]], []byte(change[1]), old[at[1]:])
		if err := os.WriteFile(path, edited, 0o600); err != nil {
			k.t.Fatal(err)
		}
	}
	return dir
}

// refuses tries bad packs: each is refused with file, line and mend, and nothing changes.
func (k *packs) refuses(embedded, inForce string) {
	k.t.Helper()
	for name, bad := range map[string]struct {
		dir  string
		says string
	}{
		"an unknown key": {k.copyOf(map[string][2]string{"region.yaml": {`assign_margin: `, "assign_margins: "}}),
			`region\.yaml:\d+: .*assign_margins.* Как исправить: `},
		"a body nobody knows": {k.copyOf(map[string][2]string{"routing.yaml": {"to: khab-roads", "to: khab-rodas"}}),
			`routing\.yaml:\d+: .*khab-rodas.* Как исправить: `},
		"not YAML": {k.copyOf(map[string][2]string{"calendar.yaml": {"\n", "\n\t{"}}), `calendar\.yaml:\d+: .* Как исправить: `},
	} {
		if out := k.fails("rules", "activate", bad.dir, "--region", region); !regexp.MustCompile(bad.says).MatchString(out) {
			k.t.Errorf("%s: refused with\n%swant %s", name, out, bad.says)
		}
	}
	if out := k.fails("rules", "activate", "kaliningrad", "--region", region); !strings.Contains(out, "kaliningrad") {
		k.t.Errorf("another region's pack: refused with %s", out)
	}
	if n := k.query(`SELECT count(*) FROM pack_versions`); n != 2 || k.active() != inForce || inForce == embedded {
		k.t.Errorf("%d versions, %s in force: bad packs changed something", n, k.active())
	}
}
