package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/history"
	"github.com/otklik/otklik/rules"
	"github.com/otklik/otklik/storage"
)

type importCmd struct {
	File   string `arg:"" help:"Выгрузка: книга XLSX или CSV."`
	Region string `required:"" help:"Регион, для которого она учит."`
	By     string `default:"командная строка" help:"Кто загружает (в журнал)."`
}

// Help is shown under --help.
func (importCmd) Help() string {
	return "Читает выгрузку «Инцидент Менеджмент» (47 столбцов; можно больше, меньше и в другом порядке): из неё учатся модели («otklik train --from-db»).\n" +
		"Нужны столбец «Текст инцидента» и хотя бы один из «Тема», «Группа тем», «Отдел»; строка заголовка ищется в первых 20 строках каждого листа.\n" +
		"Что пропущено и почему, сказано построчно в stderr. Инцидент узнаётся по номеру или ID: загрузить файл ещё раз можно, ничего не удвоится.\n" +
		"Телефоны, почта, СНИЛС, паспорта и диагнозы в текстах скрываются до записи."
}

// Limits of an import.
const (
	mostImport = 256 << 20
	importPage = 1000 // incidents written at once
)

// Run implements the command.
func (c importCmd) Run(p *program) error {
	raw, err := readLimited(c.File, mostImport)
	if err != nil {
		return err
	}
	return withStore(p, func(ctx context.Context, in *infra, _ *slog.Logger) error {
		pack, err := packOf(ctx, in.store, c.Region)
		if err != nil {
			return err
		}
		r, err := history.Read(raw, history.Options{Region: pack.Region.Name, Zone: pack.Region.Location})
		if err != nil {
			return fmt.Errorf("%s: %w", c.File, err)
		}
		for _, s := range r.Skipped {
			fmt.Fprintln(p.stderr, "пропущено:", s)
		}
		for _, d := range r.Doubts {
			fmt.Fprintln(p.stderr, "взято с оговоркой:", d)
		}
		by := domain.Doer{Region: pack.Region.ID, Login: c.By, At: time.Now().UTC()}
		sum, err := c.put(ctx, in.store, r.Incidents, by)
		words := fmt.Sprintf("%s: строк %d, взято %d (новых %d, изменённых %d, без перемен %d), пропущено %d", filepath.Base(c.File),
			r.Lines, len(r.Incidents), sum.Added, sum.Changed, sum.Same, r.Lines-len(r.Incidents))
		if err != nil {
			return fmt.Errorf("загрузка прервана; взятое осталось, файл можно загрузить ещё раз: %w", err)
		}
		fmt.Fprintln(p.stdout, words)
		return in.store.Note(ctx, domain.EntryOf(by, "history_imported", "history", filepath.Base(c.File), "загружена выгрузка: "+words))
	})
}

func (c importCmd) put(ctx context.Context, store *storage.Store, list []domain.PastIncident, by domain.Doer) (sum storage.Imported, err error) {
	for from := 0; from < len(list); from += importPage {
		page, err := store.PutPastIncidents(ctx, by.Region, c.File, list[from:min(from+importPage, len(list))], by)
		if err != nil {
			return sum, err
		}
		sum.Add(page)
	}
	return sum, nil
}

// readLimited reads a file that is not absurdly large.
func readLimited(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open file: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	raw, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, fmt.Errorf("прочитать файл: %w", err)
	}
	if int64(len(raw)) > most {
		return nil, fmt.Errorf("%s больше %d МБ: разделите его на части", path, most>>20)
	}
	return raw, nil
}

// packOf is a region's active pack, or before the first start the one that comes
// with the program.
func packOf(ctx context.Context, store *storage.Store, region string) (*rules.Pack, error) {
	pack, err := activePack(ctx, store, region)
	if !errors.Is(err, domain.ErrNotFound) {
		return pack, err
	}
	files, err := packFiles(region)
	if err != nil {
		return nil, err
	}
	return rules.Load(files)
}
