package storage

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/otklik/otklik/domain"
)

// incidentPage is how many cases of an export are read at once.
const incidentPage = 250

// incidentClauses choose cases by a filter; its days are the region's.
func incidentClauses(scope domain.Scope, f domain.CaseFilter, zone *time.Location) *clauses {
	scope = narrowed(scope, f.Agencies)
	c := &clauses{}
	c.add("c.region = ? AND c.registered_at >= ? AND c.registered_at < ?", scope.Region, stamp(f.From.Start(zone)), stamp(f.To.Add(1).Start(zone)))
	if !scope.Whole {
		c.add("c.agency_id = ANY (?)", orNone(scope.Agencies))
	}
	if !scope.Restricted {
		c.add("NOT c.restricted")
	}
	if f.Category != "" {
		row, topic := categoryOf(f.Category)
		c.add("c.decree_row = ?", row)
		if row == 0 {
			c.add("c.topic = ?", topic)
		}
	}
	if f.Municipality != "" {
		c.add("c.municipality = ?", strings.TrimSuffix(f.Municipality, "-"))
	}
	if f.Source != 0 {
		c.add("c.source_id = ?", f.Source)
	}
	return c
}

// Of the words that the bot says about a case only the question how satisfied its
// author is has buttons (bots.Tell).
const incidentColumns = `c.id, c.number, c.state, c.decree_row, c.topic, c.place, c.agency_id, c.restricted, c.reason, c.registered_at, c.due_at,
       c.kind_of_case, c.outcome, c.closing_reason, c.first_reaction_at, c.assigned_at, c.answered_at, c.closed_at, c.reach, c.pos_number, c.sed_number,
       coalesce(p.text, ''), coalesce(p.url, ''), coalesce(p.media, false), coalesce(p.platform, ''), coalesce(s.kind, ''), coalesce(s.address, ''),
       r.replies, coalesce(r.files, false), h.at, coalesce(d.platform, ''), coalesce(d.account, ''), coalesce(d.title, ''),
       EXISTS (SELECT FROM dialog_cases x JOIN deliveries w ON w.dialog_id = x.dialog_id AND w.kind = 'bot' AND w.why = 'case' AND w.state = 'delivered'
                WHERE x.case_id = c.id AND w.buttons IS NOT NULL AND starts_with(w.key, 'bot:' || x.dialog_id || ':case:' || c.id || ':')),
       (SELECT jsonb_agg(jsonb_build_object('From', q.asked_at, 'To', q.answered_at)) FROM questions q WHERE q.case_id = c.id)`

const incidentJoins = `
  LEFT JOIN LATERAL (SELECT x.text, x.url, x.attachments IS NOT NULL AS media, x.platform
         FROM case_posts cp JOIN posts x ON x.id = cp.post_id AND x.stored_at = cp.stored_at
        WHERE cp.case_id = c.id ORDER BY cp.attached_at, cp.post_id LIMIT 1) AS p ON true
  LEFT JOIN sources s ON s.id = c.source_id
  LEFT JOIN LATERAL (SELECT jsonb_agg(jsonb_build_object('text', x.text, 'final', x.kind = 'final', 'submitted_at', x.submitted_at,
                                                          'decided_at', x.decided_at, 'published_at', x.published_at) ORDER BY x.id) AS replies,
                            bool_or(x.proof_file IS NOT NULL) AS files
         FROM replies x WHERE x.case_id = c.id AND x.state IN ('published', 'by_hand')) AS r ON true
  LEFT JOIN LATERAL (SELECT x.at FROM case_history x WHERE x.case_id = c.id AND x.to_state = 'satisfaction' ORDER BY x.id DESC LIMIT 1) AS h ON true
  LEFT JOIN LATERAL (SELECT w.platform, w.account, a.title FROM deliveries w LEFT JOIN accounts a ON a.id = w.account_id
        WHERE w.case_id = c.id AND w.kind = 'reply' AND w.state = 'delivered' ORDER BY w.main DESC, w.id DESC LIMIT 1) AS d ON true`

// EachIncident hands the cases of a filter to fn, newest first, until fn returns
// an error, which it returns. It reads in pages, each its own transaction.
func (s *Store) EachIncident(ctx context.Context, scope domain.Scope, f domain.CaseFilter, zone *time.Location, fn func(domain.IncidentFile) error) error {
	var last domain.IncidentFile
	for {
		c := incidentClauses(scope, f, zone)
		if last.Case.ID != 0 {
			c.add("(c.registered_at, c.id) < (?, ?)", stamp(last.Case.RegisteredAt), last.Case.ID)
		}
		// The page is chosen before anything is looked up for it.
		sql := "SELECT " + incidentColumns + " FROM (SELECT * FROM cases c WHERE " + c.String() +
			" ORDER BY c.registered_at DESC, c.id DESC LIMIT " + c.arg(incidentPage) + ") AS c" + incidentJoins + " ORDER BY c.registered_at DESC, c.id DESC"
		rows, err := s.pool.Query(ctx, sql, c.args...)
		if err != nil {
			return named("read cases for export", err)
		}
		page, err := pgx.CollectRows(rows, scanIncident)
		if err != nil {
			return named("read cases for export", err)
		}
		for i := range page {
			page[i].Case.Region = scope.Region
			if err := fn(page[i]); err != nil {
				return err
			}
		}
		if len(page) < incidentPage {
			return nil
		}
		last = page[len(page)-1]
	}
}

func scanIncident(r pgx.CollectableRow) (domain.IncidentFile, error) {
	var f domain.IncidentFile
	var state, platform, source, speaks string
	var row int32
	var place, replies, pauses []byte
	var registered, due, reaction, assigned, answered, closed, satisfied pgtype.Timestamptz
	c := &f.Case
	err := r.Scan(&c.ID, &c.Number, &state, &row, &c.Topic, &place, &c.AgencyID, &c.Restricted, &c.Reason, &registered, &due,
		&f.KindOfCase, &f.Outcome, &f.ClosingReason, &reaction, &assigned, &answered, &closed, &f.Reach, &f.PosNumber, &f.SedNumber,
		&f.Text, &f.URL, &f.Media, &platform, &source, &f.Address, &replies, &f.MediaSent, &satisfied,
		&speaks, &f.Speaker.Address, &f.Speaker.Title, &f.Surveyed, &pauses)
	if err != nil {
		return f, err
	}
	c.State, c.Row, c.RegisteredAt, c.Deadline.Due = domain.State(state), int(row), moment(registered), moment(due)
	f.FirstReactionAt, f.AssignedAt, f.AnsweredAt, f.ClosedAt, f.SatisfactionAt = moment(reaction), moment(assigned), moment(answered), moment(closed), moment(satisfied)
	f.Platform, f.Source, f.Speaker.Platform = domain.Platform(platform), domain.SourceKind(source), domain.Platform(speaks)
	return f, decodeAll(jsonColumn{"place", place, &c.Place}, jsonColumn{"replies", replies, &f.Replies}, jsonColumn{"pauses", pauses, &f.Pauses})
}
