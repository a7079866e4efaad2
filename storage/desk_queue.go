package storage

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/otklik/otklik/domain"
)

// queueStates are what analysts decide; the indexes of the queue name the same.
const queueStates = "c.state IN ('found', 'moderation', 'returned')"

// countCap is where counting a list stops: «более 1000».
const countCap = 1000

// lookWithin is how soon a post that is no case should be looked at: it has no
// term of its own, and takes its place among the cases by this.
const lookWithin = 24 * time.Hour

// Queue lists what waits for analysts in a scope: danger first, then by time
// left, then by reach. now is business time; what was put aside for later is
// left out.
func (s *Store) Queue(ctx context.Context, sc domain.Scope, f domain.QueueFilter, now time.Time, limit, offset int) ([]domain.QueueItem, error) {
	sql, args := queueSQL(sc, f, now, limit, offset)
	rows, err := s.pool.Query(ctx, sql, args...)
	if err != nil {
		return nil, named("list the queue", err)
	}
	out, err := pgx.CollectRows(rows, queueItem)
	return out, named("list the queue", err)
}

// queueSQL joins the two halves after each has taken the first of its own by
// its index, so that a long queue costs no more than a short one.
func queueSQL(sc domain.Scope, f domain.QueueFilter, now time.Time, limit, offset int) (string, []any) {
	both, args := queueHalves(sc, f, now,
		half{"'case' AS object, c.id, c.urgent, c.due_at AS by_time, c.reach_rank::integer AS rank", "c.urgent DESC, c.due_at, c.reach_rank DESC, c.id"},
		half{fmt.Sprintf("'review' AS object, r.id, r.urgent, r.created_at + interval '%d seconds' AS by_time, 0 AS rank", int(lookWithin.Seconds())), "r.urgent DESC, r.created_at"},
		limit+offset)
	args = append(args, limit, offset)
	return fmt.Sprintf(queueLines, both, len(args)-1, len(args)), args
}

// half is what is wanted of cases, or of posts that are none.
type half struct{ columns, order string }

// queueHalves composes the two halves with a limit each.
func queueHalves(sc domain.Scope, f domain.QueueFilter, now time.Time, cases, reviews half, most int) (string, []any) {
	var parts []string
	w := &where{}
	if !f.Undecided {
		w = queueCases(sc, f, now)
		parts = append(parts, w.first("cases c", cases, most))
	}
	if withReviews(sc, f) {
		w = &where{args: w.args}
		queueReviews(w, sc, f, now)
		parts = append(parts, w.first("review_items r", reviews, most))
	}
	if len(parts) == 0 { // posts without a case, by a filter that only cases know
		w = &where{parts: []string{"false"}}
		parts = append(parts, w.first("review_items r", reviews, most))
	}
	return strings.Join(parts, " UNION ALL "), w.args
}

// first is the query of the first rows of a table, in parentheses.
func (w *where) first(from string, h half, most int) string {
	order := ""
	if h.order != "" {
		order = " ORDER BY " + h.order
	}
	w.args = append(w.args, most)
	return fmt.Sprintf("(SELECT %s FROM %s WHERE %s%s LIMIT $%d)", h.columns, from, w, order, len(w.args))
}

// queueLines fills the lines in, after they have been chosen. The limits within
// keep the planner from reading a table whole to join fifty rows.
const queueLines = `
WITH q AS MATERIALIZED (SELECT * FROM (%s) AS halves ORDER BY urgent DESC, by_time, rank DESC, object, id LIMIT $%d OFFSET $%d)
SELECT q.object, q.id, q.urgent, coalesce(c.number, ''), coalesce(c.region, r.region), coalesce(c.state, ''), coalesce(c.decree_row, v.decree_row, 0),
       coalesce(c.topic, v.topic, ''), coalesce(c.place, v.place), coalesce(c.agency_id, ''), coalesce(c.proposed_agency, ''),
       coalesce(c.restricted, false), coalesce(c.days, 0), c.due_at, c.control_at, coalesce(c.deadline_reason, ''), coalesce(c.posts, 1),
       coalesce(c.overdue, false), coalesce(c.registered_at, r.created_at), coalesce(c.version, r.version), coalesce(c.reach, greatest(p.views, 0), 0),
       coalesce(v.confidence, c.confidence, 0)::float8, coalesce(c.sent_back, 0), c.put_aside_until, coalesce(c.reason, r.words),
       coalesce(left(p.text, 300), ''), coalesce(v.kind, ''), coalesce(l.who, ''), l.until,
       coalesce(r.case_id, 0)
  FROM q
  LEFT JOIN cases c ON q.object = 'case' AND c.id = q.id
  LEFT JOIN LATERAL (SELECT x.* FROM review_items x WHERE q.object = 'review' AND x.id = q.id LIMIT 1) r ON true
  LEFT JOIN LATERAL (SELECT cp.post_id, cp.stored_at FROM case_posts cp WHERE cp.case_id = c.id ORDER BY cp.attached_at, cp.post_id LIMIT 1) fp ON true
  LEFT JOIN LATERAL (SELECT p.text, p.views FROM posts p WHERE p.id = coalesce(r.post_id, fp.post_id) AND p.stored_at = coalesce(r.stored_at, fp.stored_at) LIMIT 1) p ON true
  LEFT JOIN LATERAL (SELECT v.kind, v.decree_row, v.topic, v.place, v.confidence FROM verdicts v
                      WHERE v.post_id = coalesce(r.post_id, fp.post_id) AND v.stored_at = coalesce(r.stored_at, fp.stored_at) AND v.latest LIMIT 1) v ON true
  LEFT JOIN desk_leases l ON l.object = q.object AND l.object_id = q.id AND l.until > clock_timestamp()
 ORDER BY q.urgent DESC, q.by_time, q.rank DESC, q.object, q.id`

func queueCases(sc domain.Scope, f domain.QueueFilter, now time.Time) *where {
	w := inScope(sc)
	w.parts = append(w.parts, queueStates)
	if f.Returned {
		w.parts = append(w.parts, "c.state = 'returned'")
	}
	return queueKnown(w, "c", f, now)
}

// queueKnown are the filters that cases and undecided posts have in common.
func queueKnown(w *where, alias string, f domain.QueueFilter, now time.Time) *where {
	add := func(cond string, args ...any) { w.add(strings.ReplaceAll(cond, "@", alias), args...) }
	if f.Municipality != "" {
		add("@.municipality = %s", f.Municipality)
	}
	if f.SourceID != 0 {
		add("@.source_id = %s", f.SourceID)
	}
	if f.Subject != nil {
		add("@.decree_row = %s", f.Subject.Row)
		if f.Subject.Row == 0 {
			add("@.topic = %s", f.Subject.Topic)
		}
	}
	if f.Doubtful > 0 {
		add("@.confidence < %s", f.Doubtful)
	}
	if f.Urgent {
		add("@.urgent")
	}
	if f.Aside {
		add("@.put_aside_until > %s", now)
	} else {
		add("(@.put_aside_until IS NULL OR @.put_aside_until <= %s)", now)
	}
	return w
}

// withReviews: only cases are sent back by bodies, and nobody but analysts of the
// whole region sees undecided posts.
func withReviews(sc domain.Scope, f domain.QueueFilter) bool { return sc.Whole && !f.Returned }

func queueReviews(w *where, sc domain.Scope, f domain.QueueFilter, now time.Time) *where {
	reviewsInScope(w, sc)
	w.parts = append(w.parts, "r.resolved_at IS NULL")
	return queueKnown(w, "r", f, now)
}

// reviewsInScope: the whole region's analysts see them, and of a restricted case
// or row those named for it.
func reviewsInScope(w *where, sc domain.Scope) {
	w.add("r.region = %s", sc.Region)
	w.add("%s", sc.Whole)
	w.parts = append(w.parts, "r.post_id IS NOT NULL")
	if !sc.Restricted {
		w.parts = append(w.parts, "NOT EXISTS (SELECT FROM cases rc WHERE rc.id = r.case_id AND rc.restricted)")
		if len(sc.RestrictedRows) > 0 {
			w.add("NOT (r.decree_row = ANY (%s))", rows32(sc.RestrictedRows))
		}
	}
}

func queueItem(row pgx.CollectableRow) (domain.QueueItem, error) {
	var it domain.QueueItem
	var c = &it.Case
	var place []byte
	var due, control, registered, aside, until pgtype.Timestamptz
	var object string
	err := row.Scan(&object, &it.ID, &c.Urgent, &c.Number, &c.Region, (*string)(&c.State), &c.Row, &c.Topic, &place, &c.AgencyID, &c.Proposed,
		&c.Restricted, &c.Deadline.Days, &due, &control, &c.Deadline.Reason, &c.Posts, &c.Overdue, &registered, &c.Version, &c.Reach,
		&c.Confidence, &c.SentBack, &aside, &it.Words, &it.Text, (*string)(&it.Kind), &it.Lease.Who, &until,
		&it.InCase)
	if err != nil {
		return it, err
	}
	it.Object = domain.Object(object)
	if it.Object == domain.ObjectCase {
		c.ID = it.ID
	}
	it.At = moment(registered)
	c.RegisteredAt, c.Deadline.Due, c.Deadline.Control, c.AsideUntil = it.At, moment(due), moment(control), moment(aside)
	it.Lease.Ref, it.Lease.Until = it.Ref, moment(until)
	return it, fromJSON("place", place, &c.Place)
}

// CountQueue counts what Queue would list, up to 1000.
func (s *Store) CountQueue(ctx context.Context, sc domain.Scope, f domain.QueueFilter, who string, now time.Time) (domain.QueueCount, error) {
	var out domain.QueueCount
	one := half{columns: "1"}
	both, args := queueHalves(sc, f, now, one, one, countCap+1)
	args = append(args, who, sc.Region)
	sql := fmt.Sprintf("SELECT (SELECT count(*) FROM (SELECT 1 FROM (%s) h LIMIT %d) x), (SELECT count(*) FROM desk_leases l "+
		"WHERE l.region = $%d AND l.who <> $%d AND l.until > clock_timestamp())", both, countCap+1, len(args), len(args)-1)
	if err := s.pool.QueryRow(ctx, sql, args...).Scan(&out.Total, &out.Taken); err != nil {
		return out, named("count the queue", err)
	}
	if out.Total > countCap {
		out.Total, out.More = countCap, true
	}
	return out, nil
}

// ordersCap is where counting what an order could change stops: «более 10 000».
const ordersCap = 10_000

// CountOrdered counts what an order of all that a filter gives would take, cases
// and undecided posts, each up to 10 000; More says that there are more.
func (s *Store) CountOrdered(ctx context.Context, sc domain.Scope, f domain.QueueFilter, now time.Time) (domain.OrderCount, error) {
	var out domain.OrderCount
	for _, t := range []struct {
		some bool
		from string
		w    *where
		n    *int
	}{
		{!f.Undecided, "cases c", queueCases(sc, f, now), &out.Cases},
		{withReviews(sc, f), "review_items r", queueReviews(&where{}, sc, f, now), &out.Reviews},
	} {
		if !t.some {
			continue
		}
		sql := fmt.Sprintf("SELECT count(*) FROM (SELECT 1 FROM %s WHERE %s LIMIT %d) x", t.from, t.w, ordersCap+1)
		if err := s.pool.QueryRow(ctx, sql, t.w.args...).Scan(t.n); err != nil {
			return out, named("count what an order would change", err)
		}
		out.More = out.More || *t.n > ordersCap
		*t.n = min(*t.n, ordersCap)
	}
	return out, nil
}
