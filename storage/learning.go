package storage

import (
	"context"
	"path/filepath"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// Imported is what became of incidents of an export.
type Imported struct{ Added, Changed, Same int }

// Add sums up.
func (i *Imported) Add(o Imported) {
	i.Added, i.Changed, i.Same = i.Added+o.Added, i.Changed+o.Changed, i.Same+o.Same
}

// PutPastIncidents keeps incidents of an export: each once, however often it comes,
// by whichever of its keys it is known. The keys of one call must differ.
func (s *Store) PutPastIncidents(ctx context.Context, region, file string, list []domain.PastIncident, by domain.Doer) (Imported, error) {
	var out Imported
	err := s.inTx(ctx, "keep incidents of an export", func(q *db.Queries) error {
		known, err := withNumbers(ctx, q, region, list)
		if err != nil {
			return err
		}
		if err := rekeyPast(ctx, q, region, known); err != nil {
			return err
		}
		added, err := q.PutPastIncidents(ctx, pastParams(region, file, known, by))
		if err != nil {
			return err
		}
		out = Imported{Same: len(list) - len(added)}
		for _, new := range added {
			if new {
				out.Added++
			} else {
				out.Changed++
			}
		}
		return nil
	})
	return out, err
}

// withNumbers gives incidents that come with an ID alone the number that they are
// known to have. Whose number stands in the list itself is left out: that says more.
func withNumbers(ctx context.Context, q *db.Queries, region string, list []domain.PastIncident) ([]domain.PastIncident, error) {
	var ids []string
	taken := map[string]bool{}
	for _, i := range list {
		taken[i.Number] = true
		if i.Number == "" && i.ExternalID != "" {
			ids = append(ids, clean(i.ExternalID))
		}
	}
	if len(ids) == 0 {
		return list, nil
	}
	rows, err := q.NumbersOfPastIncidents(ctx, region, ids)
	if err != nil {
		return nil, err
	}
	numbers := map[string]string{}
	for _, r := range rows {
		numbers[r.ExternalID] = r.Number
	}
	out := make([]domain.PastIncident, 0, len(list))
	for _, i := range list {
		if number := numbers[clean(i.ExternalID)]; i.Number == "" && number != "" {
			if taken[number] {
				continue
			}
			i.Number = number
		}
		out = append(out, i)
	}
	return out, nil
}

// rekeyPast lets incidents that came with less before be known by what they have now.
func rekeyPast(ctx context.Context, q *db.Queries, region string, list []domain.PastIncident) error {
	for behind := 1; behind <= 2; behind++ { // the keys behind the surest: the ID, the text
		var olds, news []string
		for _, i := range list {
			if keys := i.Keys(); behind < len(keys) {
				olds, news = append(olds, clean(keys[behind])), append(news, clean(keys[0]))
			}
		}
		if len(olds) == 0 {
			continue
		}
		if err := q.RekeyPastIncidents(ctx, region, olds, news); err != nil {
			return err
		}
	}
	return nil
}

func pastParams(region, file string, list []domain.PastIncident, by domain.Doer) db.PutPastIncidentsParams {
	p := db.PutPastIncidentsParams{Region: region, File: clean(filepath.Base(file)), Who: by.Login, At: stamp(by.At)}
	for _, i := range list {
		p.Keys, p.Numbers, p.ExternalIds = append(p.Keys, clean(i.Key())), append(p.Numbers, clean(i.Number)), append(p.ExternalIds, clean(i.ExternalID))
		p.Texts, p.TopicGroups, p.Topics = append(p.Texts, clean(i.Text)), append(p.TopicGroups, clean(i.TopicGroup)), append(p.Topics, clean(i.Topic))
		p.Departments, p.Executors = append(p.Departments, clean(i.Department)), append(p.Executors, clean(i.Executor))
		p.Municipalities, p.Settlements = append(p.Municipalities, clean(i.Municipality)), append(p.Settlements, clean(i.Settlement))
		p.Natures, p.Steps, p.Outcomes = append(p.Natures, clean(i.Nature)), append(p.Steps, clean(i.Step)), append(p.Outcomes, clean(i.Outcome))
		p.Created, p.Ended = append(p.Created, stamp(i.CreatedAt)), append(p.Ended, stamp(i.EndedAt))
	}
	return p
}

// pastPage is how many incidents are read at once.
const pastPage = 1000

// EachPastIncident hands what was imported for a region to fn, oldest import first.
func (s *Store) EachPastIncident(ctx context.Context, region string, fn func(domain.PastIncident) error) error {
	for after := int64(0); ; {
		rows, err := s.queries().PastIncidents(ctx, region, after, pastPage)
		if err != nil {
			return named("read imported incidents", err)
		}
		for _, r := range rows {
			if err := fn(toPast(r)); err != nil {
				return err
			}
			after = r.ID
		}
		if len(rows) < pastPage {
			return nil
		}
	}
}

func toPast(r db.PastIncident) domain.PastIncident {
	return domain.PastIncident{Number: r.Number, ExternalID: r.ExternalID, Text: r.Text, TopicGroup: r.TopicGroup, Topic: r.Topic,
		Department: r.Department, Executor: r.Executor, Municipality: r.Municipality, Settlement: r.Settlement,
		Nature: r.Nature, Step: r.Step, Outcome: r.Outcome, CreatedAt: moment(r.CreatedAt), EndedAt: moment(r.EndedAt)}
}

// lessonPage is how many examples are read at once.
const lessonPage = 1000

// EachLesson hands what the desk of a region knows to be right to fn: corrections,
// the newest of each post, then what was answered as judged, then what was
// dismissed.
func (s *Store) EachLesson(ctx context.Context, region string, fn func(domain.Lesson) error) error {
	for _, read := range []func(ctx context.Context, region string, after int64) ([]lesson, error){s.corrections, s.accepted, s.dismissed} {
		for after := int64(0); ; {
			page, err := read(ctx, region, after)
			if err != nil {
				return named("read examples", err)
			}
			for _, l := range page {
				if err := fn(l.Lesson); err != nil {
					return err
				}
				after = l.id
			}
			if len(page) < lessonPage {
				break
			}
		}
	}
	return nil
}

type lesson struct {
	id int64
	domain.Lesson
}

func (s *Store) corrections(ctx context.Context, region string, after int64) (out []lesson, err error) {
	rows, err := s.queries().Corrections(ctx, region, after, lessonPage)
	for _, r := range rows {
		out = append(out, lesson{r.PostID, domain.Lesson{From: domain.FromCorrection, Text: r.PostText, Kind: domain.Kind(r.Kind),
			Row: int(r.DecreeRow), Topic: r.Topic, Agency: r.AgencyID, At: moment(r.At)}})
	}
	return out, err
}

func (s *Store) accepted(ctx context.Context, region string, after int64) (out []lesson, err error) {
	rows, err := s.queries().Accepted(ctx, db.AcceptedParams{Region: region, After: after, System: system, Most: lessonPage})
	for _, r := range rows {
		out = append(out, lesson{r.CaseID, domain.Lesson{From: domain.FromAnswer, Text: r.PostText, Kind: domain.Kind(r.Kind),
			Row: int(r.DecreeRow), Topic: r.Topic, Agency: r.AgencyID, At: moment(r.At)}})
	}
	return out, err
}

func (s *Store) dismissed(ctx context.Context, region string, after int64) (out []lesson, err error) {
	rows, err := s.queries().Dismissed(ctx, region, after, lessonPage)
	for _, r := range rows {
		l := domain.Lesson{From: domain.FromDismissal, Text: r.PostText, Kind: domain.Other, At: moment(r.At)}
		if domain.Kind(r.Kind) == domain.Thanks {
			l.Kind = domain.Thanks // of what is no case, thanks are still thanks
		}
		out = append(out, lesson{r.ReviewID, l})
	}
	return out, err
}
