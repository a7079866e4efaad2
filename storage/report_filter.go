package storage

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// This file composes SQL where a filter has many optional parts. Values are
// always parameters.

// clauses gathers conditions and their values.
type clauses struct {
	where []string
	args  []any
}

// add writes a condition; each ? is the next value.
func (c *clauses) add(condition string, values ...any) {
	for _, v := range values {
		c.args = append(c.args, v)
		condition = strings.Replace(condition, "?", fmt.Sprintf("$%d", len(c.args)), 1)
	}
	c.where = append(c.where, condition)
}

func (c *clauses) arg(v any) string {
	c.args = append(c.args, v)
	return fmt.Sprintf("$%d", len(c.args))
}

func (c *clauses) String() string { return strings.Join(c.where, " AND ") }

// DayCounts counts cases by the day they were registered, oldest first; days
// without any are left out.
func (s *Store) DayCounts(ctx context.Context, scope domain.Scope, f domain.CaseFilter) ([]domain.DayCount, error) {
	scope = narrowed(scope, f.Agencies)
	if f.Narrow() {
		return s.narrowDays(ctx, scope, f)
	}
	rows, err := s.queries().DayCounts(ctx, db.DayCountsParams{Region: scope.Region, First: dateOf(f.From), Last: dateOf(f.To),
		Whole: scope.Whole, Agencies: scope.Agencies, SeeRestricted: scope.Restricted})
	if err != nil {
		return nil, named("count cases by day", err)
	}
	out := make([]domain.DayCount, len(rows))
	for i, r := range rows {
		out[i] = domain.DayCount{Day: dateFrom(r.Day), Cases: r.Cases}
	}
	return out, nil
}

// KeyCounts counts cases by a group, most first.
func (s *Store) KeyCounts(ctx context.Context, scope domain.Scope, f domain.CaseFilter, by domain.Group) ([]domain.KeyCount, error) {
	scope = narrowed(scope, f.Agencies)
	if f.Narrow() {
		return s.narrowKeys(ctx, scope, f, by)
	}
	if by == domain.ByAgency {
		rows, err := s.queries().AgencyCounts(ctx, db.AgencyCountsParams{Region: scope.Region, First: dateOf(f.From), Last: dateOf(f.To),
			Whole: scope.Whole, Agencies: scope.Agencies, SeeRestricted: scope.Restricted})
		if err != nil {
			return nil, named("count cases by body", err)
		}
		return convertAll(rows, func(r db.AgencyCountsRow) (domain.KeyCount, error) { return domain.KeyCount(r), nil })
	}
	dimension := map[domain.Group]string{domain.ByCategory: dimCategory, domain.ByMunicipality: dimPlace, domain.BySource: dimSource}[by]
	rows, err := s.queries().KeyCounts(ctx, db.KeyCountsParams{Region: scope.Region, Dimension: dimension, First: dateOf(f.From), Last: dateOf(f.To),
		Whole: scope.Whole, Agencies: scope.Agencies, SeeRestricted: scope.Restricted})
	if err != nil {
		return nil, named("count cases by "+string(by), err)
	}
	return convertAll(rows, func(r db.KeyCountsRow) (domain.KeyCount, error) { return domain.KeyCount(r), nil })
}

// narrowClauses choose facts by a filter that no counter holds; each of its
// fields has an index with the day.
func narrowClauses(scope domain.Scope, f domain.CaseFilter) *clauses {
	c := &clauses{}
	c.add("region = ? AND round = 1 AND day BETWEEN ? AND ?", scope.Region, dateOf(f.From), dateOf(f.To))
	if !scope.Whole {
		c.add("agency_id = ANY (?)", orNone(scope.Agencies))
	}
	if !scope.Restricted {
		c.add("NOT restricted")
	}
	if f.Category != "" {
		c.add("category = ?", f.Category)
	}
	if f.Municipality != "" {
		c.add("municipality = ?", strings.TrimSuffix(f.Municipality, "-"))
	}
	if f.Source != 0 {
		c.add("source_id = ?", f.Source)
	}
	return c
}

func orNone(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func (s *Store) narrowDays(ctx context.Context, scope domain.Scope, f domain.CaseFilter) ([]domain.DayCount, error) {
	c := narrowClauses(scope, f)
	rows, err := s.pool.Query(ctx, "SELECT day, count(*) FROM case_facts WHERE counted AND "+c.String()+" GROUP BY day ORDER BY day", c.args...)
	if err != nil {
		return nil, named("count chosen cases by day", err)
	}
	out, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (d domain.DayCount, err error) {
		var day pgtype.Date
		err = r.Scan(&day, &d.Cases)
		d.Day = dateFrom(day)
		return d, err
	})
	return out, named("count chosen cases by day", err)
}

func (s *Store) narrowKeys(ctx context.Context, scope domain.Scope, f domain.CaseFilter, by domain.Group) ([]domain.KeyCount, error) {
	c := narrowClauses(scope, f)
	column := map[domain.Group]string{domain.ByCategory: "category", domain.ByMunicipality: "municipality", domain.BySource: "source_id::text", domain.ByAgency: "agency_id"}[by]
	rows, err := s.pool.Query(ctx, "SELECT "+column+`, count(*) FILTER (WHERE counted), count(*) FILTER (WHERE unseen), count(*) FILTER (WHERE reversed)
  FROM case_facts WHERE `+c.String()+" GROUP BY 1 ORDER BY 2 DESC, 1", c.args...)
	if err != nil {
		return nil, named("count chosen cases by "+string(by), err)
	}
	out, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (k domain.KeyCount, err error) {
		err = r.Scan(&k.Key, &k.Cases, &k.Unseen, &k.Reversed)
		return k, err
	})
	return out, named("count chosen cases by "+string(by), err)
}
