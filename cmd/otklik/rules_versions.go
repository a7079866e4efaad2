package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/router"
	"github.com/otklik/otklik/rules"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/worker"
)

type rulesActivateCmd struct {
	Dir    string `arg:"" help:"Папка пакета или имя встроенного."`
	Region string `required:"" help:"Регион, для которого вводится пакет: должен совпасть с пакетом."`
	By     string `default:"командная строка" help:"Кто вводит (в историю версий)."`
}

// Run implements the command.
func (c rulesActivateCmd) Run(p *program) error {
	printTopics(p, c.Dir)
	files, err := packFiles(c.Dir)
	if err != nil {
		return explainFaults(p, err)
	}
	pack, err := rules.Load(files)
	if err != nil {
		return explainFaults(p, err)
	}
	if pack.Region.ID != c.Region {
		return fmt.Errorf("пакет %s — региона «%s», а не «%s»", c.Dir, pack.Region.ID, c.Region)
	}
	if _, err := checkPack(files, time.Now()); err != nil {
		return explainFaults(p, err)
	}
	return withStore(p, func(ctx context.Context, in *infra, _ *slog.Logger) error {
		hash, err := activatePack(ctx, in.store, files, time.Now().UTC(), c.By)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "%s: версия %s в действии. Работающие процессы перейдут на неё за несколько секунд.\n", pack.Region.Name, hash[:12])
		printWarnings(p, pack, time.Now())
		return nil
	})
}

type rulesRollbackCmd struct {
	Region string `required:"" help:"Регион."`
	By     string `default:"командная строка" help:"Кто откатывает."`
}

// Run implements the command.
func (c rulesRollbackCmd) Run(p *program) error {
	return withStore(p, func(ctx context.Context, in *infra, _ *slog.Logger) error {
		hash, err := in.store.RollbackPack(ctx, c.Region, c.By, time.Now().UTC())
		if errors.Is(err, domain.ErrNotFound) {
			return fmt.Errorf("у региона «%s» нет предыдущей версии пакета", c.Region)
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "%s: снова действует версия %s.\n", c.Region, hash[:12])
		return nil
	})
}

type rulesListCmd struct {
	Region string `required:"" help:"Регион."`
}

// Run implements the command.
func (c rulesListCmd) Run(p *program) error {
	return withStore(p, func(ctx context.Context, in *infra, _ *slog.Logger) error {
		versions, err := in.store.PackVersions(ctx, c.Region)
		if err != nil {
			return err
		}
		if len(versions) == 0 {
			fmt.Fprintf(p.stdout, "Версий пакета «%s» в базе нет: появятся при первом serve или «otklik rules activate».\n", c.Region)
		}
		for _, v := range versions {
			mark := " "
			if v.Active {
				mark = "*"
			}
			fmt.Fprintf(p.stdout, "%s %s  %s UTC  %s\n", mark, v.Hash[:12], v.CreatedAt.UTC().Format("02.01.2006 15:04"), v.CreatedBy)
		}
		return nil
	})
}

type rulesDryRunCmd struct {
	Dir  string `arg:"" help:"Папка пакета или имя встроенного."`
	Show int    `default:"50" help:"Сколько изменений показать."`
}

// Run implements the command.
func (c rulesDryRunCmd) Run(p *program) error {
	printTopics(p, c.Dir)
	files, err := packFiles(c.Dir)
	if err != nil {
		return explainFaults(p, err)
	}
	pack, err := checkPack(files, time.Now())
	if err != nil {
		return explainFaults(p, err)
	}
	return withStore(p, func(ctx context.Context, in *infra, _ *slog.Logger) error {
		active, err := activePack(ctx, in.store, pack.Region.ID)
		if errors.Is(err, domain.ErrNotFound) {
			active, err = pack, nil // before the first start there is nothing to compare
		}
		if err != nil {
			return err
		}
		models, faults, err := worker.ModelsOf(ctx, in.store, pack)
		if err != nil {
			return err
		}
		for _, f := range faults {
			fmt.Fprintln(p.stderr, "модель в действии не подходит, без неё:", f)
		}
		snap, err := worker.Build(pack, models.Options(classify.Options{School: p.school}))
		if err != nil {
			return err
		}
		return newDryRun(active, pack, snap.Judge, time.Now().UTC()).over(ctx, p.stdout, in.store, time.Unix(0, 0), c.Show)
	})
}

// dryRun compares stored verdicts with those of another pack, and where the
// active pack sends them with where the other would.
type dryRun struct {
	judge  worker.Judge
	active routes
	other  routes
	now    time.Time

	seen, changed, moved int

	// each is told of every post; may be nil.
	each func(stored storage.JudgedPost, c change, changes bool)
}

// newDryRun takes the other pack with its judge.
func newDryRun(active, other *rules.Pack, judge worker.Judge, now time.Time) *dryRun {
	return &dryRun{judge: judge, active: routesOf(active), other: routesOf(other), now: now}
}

// over compares what was stored since an instant and prints what would change.
func (d *dryRun) over(ctx context.Context, w io.Writer, store *storage.Store, since time.Time, show int) error {
	err := store.EachPostSince(ctx, d.active.pack.Region.ID, since, func(stored storage.JudgedPost) error {
		ch, changes := d.compare(stored)
		if changes && d.changed <= show {
			ch.print(w, stored)
		}
		if d.each != nil {
			d.each(stored, ch, changes)
		}
		return nil
	})
	if err == nil {
		fmt.Fprintf(w, "Просмотрено сообщений: %d. Изменился бы вердикт: %d, из них орган: %d.\n", d.seen, d.changed, d.moved)
	}
	return err
}

// routes are those of one pack.
type routes struct {
	pack   *rules.Pack
	router *router.Router
}

func routesOf(p *rules.Pack) routes { return routes{pack: p, router: router.New(p)} }

// restricts reports whether few may read what is of a row.
func (r routes) restricts(number int) bool {
	row := r.pack.Row(number)
	return row != nil && row.Restricted != ""
}

// body is where a verdict that opens a case leads; "" when it opens none, or no
// route leads anywhere.
func (r routes) body(now time.Time, v *domain.Verdict) string {
	if row := r.pack.Row(v.Row); v.Kind != domain.Problem && (row == nil || !row.Praise) {
		return ""
	}
	routed, err := r.router.Route(now, v.Row, v.Topic, v.Place)
	if err != nil {
		return ""
	}
	return routed.Agency
}

// change is what another pack makes of a stored post, and the body it would go
// to under either.
type change struct {
	verdict  domain.Verdict
	was, now string
	moves    bool // to another body
	closed   bool // few may read the post: its case or either verdict's row is restricted
}

// compare judges a stored post anew; false when nothing would change. The bodies
// compared are those the two packs name: which one has the case by now may be a
// person's doing. They are compared for the post that opened its case: one that
// joined a case went to that case's body, whatever its own words would have led to.
func (d *dryRun) compare(stored storage.JudgedPost) (change, bool) {
	d.seen++
	stored.Post.Text = judgedText(stored)
	was := stored.Verdict
	c := change{verdict: d.judge.Judge(&stored.Post), was: d.active.body(d.now, &was.Verdict)}
	c.closed = stored.Restricted || d.active.restricts(was.Row) || d.other.restricts(c.verdict.Row)
	c.now = d.other.body(d.now, &c.verdict)
	same := c.verdict.Kind == was.Kind && c.verdict.Row == was.Row && c.verdict.Urgent == was.Urgent
	opened := was.Action == domain.ActionOpen && !stored.Reversed()
	c.moves = opened && c.now != "" && c.now != c.was
	if same && !c.moves {
		return c, false
	}
	d.changed++
	if c.moves {
		d.moved++
	}
	return c, true
}

// judgedText is what the stored verdict was given of: of an album's head the
// captions of all its parts.
func judgedText(p storage.JudgedPost) string {
	if p.Verdict.Text != "" {
		return p.Verdict.Text
	}
	return p.Post.Text
}

func (c change) print(w io.Writer, stored storage.JudgedPost) {
	id, text := stored.Post.ID.String(), clip([]byte(domain.Mask(stored.Post.Text)))
	if c.closed {
		id, text = "сообщение закрытой строки", "его текст видят только те, кому строка открыта"
	}
	fmt.Fprintf(w, "%s\n  %s\n  было: %s%s\n  стало: %s%s\n", id, text,
		verdictWords(stored.Verdict.Kind, stored.Verdict.Row), agencyWords(c.was),
		verdictWords(c.verdict.Kind, c.verdict.Row), agencyWords(c.now))
}

func verdictWords(k domain.Kind, row int) string {
	switch {
	case row > 0:
		return fmt.Sprintf("строка %d", row)
	case k == domain.Problem:
		return "обычный порядок"
	case k == domain.Thanks:
		return "благодарность"
	case k == domain.Own:
		return "наш ответ"
	}
	return "не обращение"
}

func agencyWords(id string) string {
	if id == "" {
		return ""
	}
	return " → " + id
}
