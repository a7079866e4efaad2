package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/tables"
)

// mapping is a region's table of correspondences: what the import calls a thing and
// which labels that is here.
type mapping map[string]map[string][]string // column → name → labels

// mapColumns are the columns a table of correspondences may go by, those that tell most
// of the label first: of a body who answered, of all else what it was about.
func mapColumns(label string) []string {
	if label == labelAgency {
		return []string{columnExecutor, columnDepartment, columnTopic, columnGroup}
	}
	return []string{columnTopic, columnGroup, columnExecutor, columnDepartment}
}

// Columns of the import that a table of correspondences may have.
const (
	columnTopic      = "Тема"
	columnGroup      = "Группа тем"
	columnExecutor   = "Исполнитель"
	columnDepartment = "Отдел"
)

// Ways to name a table of correspondences: none is the one that the region keeps.
const (
	keptMap = ""
	noMap   = "-" // and the region forgets the one it keeps
)

// mostMap is how large a table of correspondences may be: it is kept in the database.
const mostMap = 8 << 20

// mappingNamed gives the table of correspondences that a command names, else the one
// that the region keeps; and that table, if it is to be kept from now on. Which one it
// is, is said.
func mappingNamed(ctx context.Context, w io.Writer, store *storage.Store, region, label, path string) (mapping, *domain.Correspondences, error) {
	switch path {
	case noMap:
		return nil, nil, nil
	case keptMap:
		kept, err := store.Correspondences(ctx, region, label)
		if errors.Is(err, domain.ErrNotFound) {
			return nil, nil, nil
		}
		if err != nil {
			return nil, nil, err
		}
		fmt.Fprintf(w, "соответствия: таблица %s, сохранена %s UTC, %s (--map - учит без неё)\n", kept.Name, kept.At.UTC().Format("02.01.2006 15:04"), kept.Who)
		m, err := readMapping(kept.Name, kept.Content, label)
		return m, nil, err
	}
	raw, err := readLimited(path, mostMap)
	if err != nil {
		return nil, nil, err
	}
	m, err := readMapping(path, raw, label)
	return m, &domain.Correspondences{Label: label, Name: filepath.Base(path), Content: raw}, err
}

// keepMapping has the region learn by the same table the next time.
func keepMapping(ctx context.Context, w io.Writer, store *storage.Store, path, label string, c *domain.Correspondences, by domain.Doer) error {
	if path == noMap {
		if err := store.DropCorrespondences(ctx, label, by); !errors.Is(err, domain.ErrNotFound) {
			return err
		}
		return nil
	}
	if c == nil {
		return nil
	}
	fmt.Fprintf(w, "соответствия: таблица %s сохранена, по ней учит и рабочее место, и расписание\n", c.Name)
	return store.KeepCorrespondences(ctx, *c, by)
}

// readMapping reads a table of correspondences.
func readMapping(name string, raw []byte, label string) (mapping, error) {
	m, columns := mapping{}, map[string]int(nil)
	err := tables.EachLine(raw, label, func(l tables.Line) error {
		if columns == nil {
			found := map[string]int{}
			for i, cell := range l.Cells {
				found[tables.FoldName(cell)] = i
			}
			if _, ok := found[label]; ok {
				columns = found
			}
			return nil
		}
		if l.Fault != "" {
			return fmt.Errorf("строка %d: %s", l.Number, l.Fault)
		}
		m.put(l.Cells, columns, label)
		return nil
	})
	if err == nil && len(m) == 0 {
		err = fmt.Errorf("нужны столбец «%s» и один из «%s»", label, strings.Join(mapColumns(label), "», «"))
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return m, nil
}

func (m mapping) put(cells []string, columns map[string]int, label string) {
	get := func(column string) string {
		if i, ok := columns[tables.FoldName(column)]; ok && i < len(cells) {
			return strings.TrimSpace(cells[i])
		}
		return ""
	}
	var labels []string
	if cell := get(label); cell == "" {
		return
	} else {
		labels = labelled{Alternatives: "|", Skip: "?"}.labels(cell)
	}
	for _, column := range mapColumns(label) {
		if name := tables.FoldName(get(column)); name != "" {
			if m[column] == nil {
				m[column] = map[string][]string{}
			}
			m[column][name] = labels
			return
		}
	}
}

// of looks an incident up.
func (m mapping) of(label string, p domain.PastIncident) ([]string, bool) {
	names := map[string]string{columnTopic: p.Topic, columnGroup: p.TopicGroup, columnExecutor: p.Executor, columnDepartment: p.Department}
	for _, column := range mapColumns(label) {
		name := tables.FoldName(names[column])
		if labels, ok := m[column][name]; ok && name != "" {
			return labels, true
		}
	}
	return nil, false
}
