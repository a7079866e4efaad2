package queue

import (
	"errors"
	"strconv"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/casework"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// reviewRef is a post and the version of it that its form has seen.
func (q *Queue) reviewRef(r *page.Request) (domain.Ref, domain.ReviewSeen, error) {
	id, err := r.PathID("id")
	if err != nil {
		return domain.Ref{}, domain.ReviewSeen{}, err
	}
	version, err := strconv.ParseInt(r.Text("seen"), 10, 64)
	if err != nil {
		return domain.Ref{}, domain.ReviewSeen{}, page.Invalid("seen", "Форма устарела: откройте сообщение заново.")
	}
	return domain.Ref{Object: domain.ObjectReview, ID: id}, domain.ReviewSeen{ID: id, Version: version}, nil
}

// openReview makes a case of a post and shows it next, so that it can be
// assigned with the next key.
func (q *Queue) openReview(r *page.Request) error {
	ref, seen, err := q.reviewRef(r)
	if err != nil {
		return err
	}
	return q.decide(r, ref, func(pack casework.Pack) (deed, error) {
		w, err := q.Store.Review(r.Context(), r.Scope, ref.ID)
		if err != nil {
			return deed{}, err
		}
		c := caseOfPost(r, w)
		fix, err := readFix(r, c).fix(pack, c)
		if err != nil {
			return deed{}, err
		}
		done, err := q.Store.OpenFromReview(r.Context(), r.Scope, seen, q.by(r, "открыт аналитиком", "открыт инцидент"),
			opener(r, pack, fix), pack.Keys)
		return deed{notice: undoable(done, "Открыт инцидент "+done.Case.Number+"."), then: domain.Ref{Object: domain.ObjectCase, ID: done.Case.ID}}, err
	})
}

// followReview lets a case follow the changed text of its post: the row and the
// term of the new verdict.
func (q *Queue) followReview(r *page.Request) error {
	ref, seen, err := q.reviewRef(r)
	if err != nil {
		return err
	}
	return q.decide(r, ref, func(pack casework.Pack) (deed, error) {
		w, err := q.Store.Review(r.Context(), r.Scope, ref.ID)
		if err != nil {
			return deed{}, err
		}
		if w.CaseID == 0 {
			return deed{}, domain.ErrNoMove
		}
		c, err := q.reviewed(r, w)
		if err != nil {
			return deed{}, err
		}
		if err := r.Need(access.Moderate, access.OfCase(c)); err != nil {
			return deed{}, err
		}
		if c.Version, err = strconv.ParseInt(r.Text("version"), 10, 64); err != nil {
			return deed{}, page.Invalid("version", "Форма устарела: откройте сообщение заново.")
		}
		f := readFix(r, c)
		f.pick = followed(f, w)
		fix, err := f.fix(pack, c)
		if err != nil {
			return deed{}, err
		}
		fixed, err := pack.Correct(r.Now, c, fix)
		if err != nil && !errors.Is(err, domain.ErrNoAgency) {
			return deed{}, err
		}
		ch, err := domain.Correct(c, fixed, domain.By{Who: r.User.Login, Why: "автор изменил сообщение", At: r.Now})
		if err != nil {
			return deed{}, err
		}
		ch.Urgent, ch.Undo = &c.Urgent, c.Number+": категория и срок — по изменённому сообщению."
		done, err := q.Store.FollowReview(r.Context(), r.Scope, seen, ch)
		return deed{notice: undoable(done, ch.Undo)}, err
	})
}

// dismissReview: the post is no case, or its case stays as it is.
func (q *Queue) dismissReview(r *page.Request) error {
	ref, seen, err := q.reviewRef(r)
	if err != nil {
		return err
	}
	return q.decide(r, ref, func(casework.Pack) (deed, error) {
		w, err := q.Store.Review(r.Context(), r.Scope, ref.ID)
		if err != nil {
			return deed{}, err
		}
		ch, why, words := domain.ReviewChange{How: domain.ResolvedSeen}, "", "Инцидент оставлен без изменений."
		if w.CaseID == 0 {
			if ch.Why, err = casework.ClosingOf(casework.RejectReasons(), "closing", r.Text("closing")); err != nil {
				return deed{}, err
			}
			ch.How, why = domain.ResolvedNotCase, "не обращение: "+casework.Closing(ch.Why)
			words = "Сообщение разобрано: " + why + "."
		}
		done, err := q.Store.ResolveReview(r.Context(), r.Scope, seen, ch, q.by(r, why, words))
		return deed{notice: undoable(done, words)}, err
	})
}

// joinReview puts a post into the case of the same problem.
func (q *Queue) joinReview(r *page.Request) error {
	ref, seen, err := q.reviewRef(r)
	if err != nil {
		return err
	}
	return q.decide(r, ref, func(pack casework.Pack) (deed, error) {
		into, err := q.into(r)
		if err != nil {
			return deed{}, err
		}
		if err := r.Need(access.Moderate, access.OfCase(into)); err != nil {
			return deed{}, err
		}
		words := "Сообщение присоединено к " + into.Number + "."
		done, err := q.Store.JoinReview(r.Context(), r.Scope, domain.JoinReview{Review: seen, Into: into.ID,
			By: q.by(r, "присоединено сообщение", words)}, pack.Term, pack.Keys)
		return deed{notice: undoable(done, words)}, err
	})
}

// asideReview hides a post for a while.
func (q *Queue) asideReview(r *page.Request) error {
	ref, seen, err := q.reviewRef(r)
	if err != nil {
		return err
	}
	return q.decide(r, ref, func(casework.Pack) (deed, error) {
		until, err := asideUntil(r, r.Text("until"))
		if err != nil {
			return deed{}, err
		}
		words := "Сообщение отложено: вернётся " + r.Exact(until) + "."
		done, err := q.Store.AsideReview(r.Context(), r.Scope, seen, until, q.by(r, "", words))
		return deed{notice: undoable(done, words)}, err
	})
}
