package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/classify/model"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/worker"
)

type modelCmd struct {
	List     modelListCmd     `cmd:"" help:"Версии моделей региона."`
	Show     modelShowCmd     `cmd:"" help:"Что известно об одной версии: на чём училась, как точна, почему действует или отложена."`
	Activate modelActivateCmd `cmd:"" help:"Ввести версию в действие, если она лучше действующей."`
	Rollback modelRollbackCmd `cmd:"" help:"Вернуть модель, которая действовала до нынешней, или одни фразы."`
	DryRun   modelDryRunCmd   `cmd:"" name:"dry-run" help:"Какие сообщения версия судила бы иначе."`
}

// withRegion runs a command on a region that has its pack in the database.
func withRegion(p *program, region string, f func(ctx context.Context, in *infra, pack *rules.Pack) error) error {
	return withStore(p, func(ctx context.Context, in *infra, _ *slog.Logger) error {
		pack, err := activePack(ctx, in.store, region)
		if errors.Is(err, domain.ErrNotFound) {
			return fmt.Errorf("у региона «%s» нет пакета в базе: он появится при первом serve или по «otklik rules activate»", region)
		}
		if err != nil {
			return err
		}
		return f(ctx, in, pack)
	})
}

type modelListCmd struct {
	Region string `required:"" help:"Регион."`
}

// Run implements the command.
func (c modelListCmd) Run(p *program) error {
	return withStore(p, func(ctx context.Context, in *infra, _ *slog.Logger) error {
		versions, err := in.store.Models(ctx, c.Region)
		if err != nil {
			return err
		}
		if len(versions) == 0 {
			fmt.Fprintf(p.stdout, "Моделей у региона «%s» нет: судят одни фразы. Обучить: otklik train --from-db --region %s --label row\n", c.Region, c.Region)
		}
		for _, v := range versions {
			mark := " "
			if v.Active {
				mark = "*"
			}
			fmt.Fprintf(p.stdout, "%s %-14s %s  %s UTC  %s  примеров %d  %s\n", mark, v.Label, shortSum(v.Hash),
				v.CreatedAt.UTC().Format("02.01.2006 15:04"), v.CreatedBy, v.Examples, v.Reason)
		}
		return nil
	})
}

// oneModel names a version.
type oneModel struct {
	Hash   string `arg:"" help:"Начало контрольной суммы версии (otklik model list)."`
	Region string `required:"" help:"Регион."`
}

func (o oneModel) find(ctx context.Context, store *storage.Store) (domain.ModelVersion, error) {
	list, err := store.FindModels(ctx, o.Region, o.Hash)
	switch {
	case err != nil:
		return domain.ModelVersion{}, err
	case len(list) == 0 || o.Hash == "":
		return domain.ModelVersion{}, fmt.Errorf("у региона «%s» нет модели %s: смотрите «otklik model list»", o.Region, o.Hash)
	case len(list) > 1:
		return domain.ModelVersion{}, fmt.Errorf("с %s начинается несколько моделей: назовите больше знаков", o.Hash)
	}
	return list[0], nil
}

type modelShowCmd struct {
	oneModel
	Report int `default:"10" help:"Показать столько самых частых путаниц."`
}

// Run implements the command.
func (c modelShowCmd) Run(p *program) error {
	return withStore(p, func(ctx context.Context, in *infra, _ *slog.Logger) error {
		v, err := c.find(ctx, in.store)
		if err != nil {
			return err
		}
		var r modelReport
		var compared model.Comparison
		if err := errors.Join(json.Unmarshal(v.Report, &r), json.Unmarshal(v.Comparison, &compared)); err != nil {
			return fmt.Errorf("отчёт модели %s не читается: %w", shortSum(v.Hash), err)
		}
		fmt.Fprintf(p.stdout, "%s %s, %d байт, обучил(а) %s %s UTC\n", v.Label, v.Hash, v.Size, v.CreatedBy, v.CreatedAt.UTC().Format("02.01.2006 15:04"))
		fmt.Fprintf(p.stdout, "примеры: %s; отложено %d\n", sourceWords(r.Sources), r.Aside)
		switch {
		case v.Active && v.Forced:
			fmt.Fprintf(p.stdout, "действует вопреки сравнению, ввёл(а) %s %s UTC: %s\n", v.ActivatedBy, v.ActivatedAt.UTC().Format("02.01.2006 15:04"), v.Reason)
		case v.Active:
			fmt.Fprintf(p.stdout, "действует, ввёл(а) %s %s UTC: %s\n", v.ActivatedBy, v.ActivatedAt.UTC().Format("02.01.2006 15:04"), v.Reason)
		default:
			fmt.Fprintln(p.stdout, "не действует:", cmp.Or(v.Reason, "не сравнивалась"))
		}
		if words := unseenWords(compared.Unseen); words != "" {
			fmt.Fprintln(p.stdout, words)
		}
		m, err := worker.ReadModel(ctx, in.store, c.Region, v.ModelRef)
		if err != nil {
			return storedModelFault(v.ModelRef, err)
		}
		printHead(p.stdout, m)
		for _, f := range m.Head.Confusions[:min(max(0, c.Report), len(m.Head.Confusions))] {
			fmt.Fprintf(p.stdout, "%4d × верно «%s», названо «%s»\n", f.N, f.Truth, f.Answer)
		}
		return nil
	})
}

type modelActivateCmd struct {
	oneModel
	judgingFlags
	Map string `help:"Таблица соответствий выгрузки и пакета, как при обучении; без ключа — та, что сохранена у региона, «-» — без неё."`
	By  string `default:"командная строка" help:"Кто вводит (в журнал)."`
}

// Run implements the command.
func (c modelActivateCmd) Run(p *program) error {
	return withRegion(p, c.Region, func(ctx context.Context, in *infra, pack *rules.Pack) error {
		v, err := c.find(ctx, in.store)
		if err != nil {
			return err
		}
		if v.Active {
			fmt.Fprintf(p.stdout, "Модель %s уже действует.\n", v.Hash[:12])
			return nil
		}
		m, trial, err := c.trial(ctx, p, in.store, pack, v)
		if err != nil {
			return err
		}
		names, _, err := mappingNamed(ctx, p.stderr, in.store, pack.Region.ID, v.Label, c.Map)
		if err != nil {
			return err
		}
		gathered, err := gatherLessons(ctx, in.store, pack, v.Label, names)
		if err != nil {
			return err
		}
		_, trial.aside = gathered.split()
		trial.others = gathered.othersAlone()
		compared, err := trial.compare(m, c.terms())
		if err != nil {
			return err
		}
		by := domain.Doer{Region: pack.Region.ID, Login: c.By, At: time.Now().UTC()}
		if _, err := trial.decide(ctx, p, in.store, v.ModelRef, v.ID, compared, c.Force, by); err != nil {
			return err
		}
		if !compared.Better && !c.Force {
			return errQuiet
		}
		return nil
	})
}

// trial reads a version and what it stands against.
func (o oneModel) trial(ctx context.Context, p *program, store *storage.Store, pack *rules.Pack, v domain.ModelVersion) (*model.Model, *court, error) {
	m, err := worker.ReadModel(ctx, store, o.Region, v.ModelRef)
	if err != nil {
		return nil, nil, storedModelFault(v.ModelRef, err)
	}
	trial, err := newCourt(ctx, p, store, pack, v.Label)
	if err == nil {
		err = modelFault(m.Use(trial.hints))
		warnStrange(p.stderr, "модель "+shortSum(v.Hash), m, classify.PackOf(pack))
	}
	return m, trial, err
}

type modelRollbackCmd struct {
	Region string `required:"" help:"Регион."`
	Label  string `required:"" help:"Чему модель училась: row, kind, …"`
	By     string `default:"командная строка" help:"Кто возвращает (в журнал)."`
}

// Run implements the command.
func (c modelRollbackCmd) Run(p *program) error {
	return withStore(p, func(ctx context.Context, in *infra, _ *slog.Logger) error {
		to, err := in.store.RollbackModel(ctx, c.Label, "", domain.Doer{Region: c.Region, Login: c.By, At: time.Now().UTC()})
		switch {
		case errors.Is(err, domain.ErrNotFound):
			return fmt.Errorf("у региона «%s» нет действующей модели «%s»", c.Region, c.Label)
		case err != nil:
			return err
		case to.Hash == "" && !standsBeside(c.Label):
			fmt.Fprintf(p.stdout, "Модель «%s» снята.\n", c.Label)
		case to.Hash == "":
			fmt.Fprintf(p.stdout, "Модель «%s» снята: снова судят одни фразы.\n", c.Label)
		default:
			fmt.Fprintf(p.stdout, "Снова действует модель «%s» %s.\n", c.Label, to.Hash[:12])
		}
		return nil
	})
}

type modelDryRunCmd struct {
	oneModel
	dryRunFlags
}

// Run implements the command.
func (c modelDryRunCmd) Run(p *program) error {
	return withRegion(p, c.Region, func(ctx context.Context, in *infra, pack *rules.Pack) error {
		v, err := c.find(ctx, in.store)
		if err != nil {
			return err
		}
		if !standsBeside(v.Label) {
			return fmt.Errorf("модель «%s» сообщений не судит: рядом с фразами стоят только row и kind", v.Label)
		}
		m, trial, err := c.trial(ctx, p, in.store, pack, v)
		if err != nil {
			return err
		}
		return trial.dryRun(ctx, p, in.store, m, c.dryRunFlags)
	})
}
