package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

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
	files, err := packFiles(c.Dir)
	if err != nil {
		return err
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
	files, err := packFiles(c.Dir)
	if err != nil {
		return err
	}
	pack, err := checkPack(files, time.Now())
	if err != nil {
		return explainFaults(p, err)
	}
	snap, err := worker.Build(pack)
	if err != nil {
		return err
	}
	run := &dryRun{p: p, pack: pack, judge: snap.Judge, router: router.New(pack), now: time.Now().UTC(), show: c.Show}
	return withStore(p, func(ctx context.Context, in *infra, _ *slog.Logger) error {
		if err := in.store.EachPost(ctx, pack.Region.ID, run.post); err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "Просмотрено сообщений: %d. Изменился бы вердикт: %d, из них орган: %d.\n", run.seen, run.changed, run.moved)
		return nil
	})
}

// dryRun compares stored verdicts with those of another pack.
type dryRun struct {
	p      *program
	pack   *rules.Pack
	judge  worker.Judge
	router *router.Router
	now    time.Time
	show   int

	seen, changed, moved int
}

func (d *dryRun) post(stored storage.JudgedPost) error {
	d.seen++
	v := d.judge.Judge(&stored.Post)
	agency := stored.AgencyID
	if v.Kind == domain.Problem {
		if routed, err := d.router.Route(d.now, v.Row, v.Topic, v.Place); err == nil {
			agency = routed.Agency
		}
	}
	same := v.Kind == stored.Verdict.Kind && v.Row == stored.Verdict.Row && v.Urgent == stored.Verdict.Urgent
	moves := stored.AgencyID != "" && agency != stored.AgencyID
	if same && !moves {
		return nil
	}
	d.changed++
	if moves {
		d.moved++
	}
	if d.changed > d.show {
		return nil
	}
	fmt.Fprintf(d.p.stdout, "%s\n  %s\n  было: %s%s\n  стало: %s%s\n", stored.Post.ID, clip([]byte(stored.Post.Text)),
		verdictWords(stored.Verdict.Kind, stored.Verdict.Row), agencyWords(stored.AgencyID), verdictWords(v.Kind, v.Row), agencyWords(agency))
	return nil
}

func verdictWords(k domain.Kind, row int) string {
	switch {
	case row > 0:
		return fmt.Sprintf("строка %d", row)
	case k == domain.Problem:
		return "обычный порядок"
	case k == domain.Thanks:
		return "благодарность"
	}
	return "не обращение"
}

func agencyWords(id string) string {
	if id == "" {
		return ""
	}
	return " → " + id
}
