package queue

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/casework"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// deed is one decision: what was done, how to take it back, and what to show
// next when it is not the next of the list.
type deed struct {
	notice page.Notice
	then   domain.Ref
}

// decide does one deed and shows the next thing. What comes next is looked up
// before, while the thing still has its place in the list.
func (q *Queue) decide(r *page.Request, ref domain.Ref, do func(pack casework.Pack) (deed, error)) error {
	pack, err := q.Packs.Of(r)
	if err != nil {
		return err
	}
	next, err := q.after(r, pack, ref)
	if err != nil {
		return err
	}
	done, err := do(pack)
	if err != nil {
		return casework.Fault(r, q.Names, err)
	}
	if err := q.Store.ReleaseDesk(r.Context(), ref, r.User.Login); err != nil {
		r.Log.Warn("release a decided thing", "err", err) // it lapses by itself
	}
	if done.then.ID != 0 {
		next = done.then
	}
	return q.answer(r, next, done.notice)
}

// answer shows a thing with what was done before.
func (q *Queue) answer(r *page.Request, at domain.Ref, n page.Notice) error {
	if !r.Partial() {
		v, err := viewOf(r)
		if err != nil {
			return err
		}
		r.Notify(n)
		to := ""
		if at.ID != 0 {
			to = refText(at)
		}
		return r.Redirect(v.Path("at", to))
	}
	w, err := q.work(r, at)
	if err != nil {
		return err
	}
	w.Notice = n
	return r.Fragment("queue", "answer", w)
}

// after is the thing below another in the list that nobody else has; the zero
// Ref when there is none below: then the list begins anew.
func (q *Queue) after(r *page.Request, pack casework.Pack, ref domain.Ref) (domain.Ref, error) {
	v, err := viewOf(r)
	if err != nil {
		return domain.Ref{}, err
	}
	f, err := v.filter(pack)
	if err != nil {
		return domain.Ref{}, err
	}
	items, err := q.Store.Queue(r.Context(), r.Scope, f, r.Now, shown, (v.Page-1)*shown)
	if err != nil {
		return domain.Ref{}, err
	}
	passed := false
	for _, it := range items {
		if passed && (it.Lease.Who == "" || it.Lease.Who == r.User.Login) {
			return it.Ref, nil
		}
		passed = passed || it.Ref == ref
	}
	return domain.Ref{}, nil
}

func (q *Queue) caseRef(r *page.Request) (domain.Ref, int64, error) {
	id, err := r.PathID("id")
	if err != nil {
		return domain.Ref{}, 0, err
	}
	version, err := strconv.ParseInt(r.Text("version"), 10, 64)
	if err != nil {
		return domain.Ref{}, 0, page.Invalid("version", "Форма устарела: откройте инцидент заново.")
	}
	return domain.Ref{Object: domain.ObjectCase, ID: id}, version, nil
}

// seenAt reads a case at the version its form names; the decision is made about
// that version, and storage refuses another.
func (q *Queue) seenAt(r *page.Request, id, version int64) (domain.Case, error) {
	w, err := q.Store.CaseOpening(r.Context(), r.Scope, id)
	if err != nil {
		return domain.Case{}, err
	}
	if err := r.Need(access.Moderate, access.OfCase(w.Case)); err != nil {
		return domain.Case{}, err
	}
	if w.Case.Version != version { // refused, with what happened meanwhile
		_, err = q.Store.ChangeCase(r.Context(), r.Scope, domain.CaseChange{CaseID: id, Version: version, Who: r.User.Login, At: r.Now})
	}
	if err == nil && !w.Case.State.Queued() {
		err = page.Stale(elsewhere(w.Case))
	}
	return w.Case, err
}

// elsewhere says of a case that has left the queue where it is decided.
func elsewhere(c domain.Case) string {
	return c.Number + " уже не в очереди, теперь: «" + domain.StateTitle(c.State) + "». Что с ним можно сделать, показывает его карточка."
}

func (q *Queue) by(r *page.Request, why, undo string) domain.By {
	return domain.By{Who: r.User.Login, Why: why, At: r.Now, Undo: undo}
}

func undoable(ch domain.Changed, words string) page.Notice {
	n := page.Notice{Text: words}
	if ch.UndoID != 0 {
		n.Undo = fmt.Sprintf("/undo/%d", ch.UndoID)
	}
	return n
}

// assign gives the case to a body, with everything put right in one change.
func (q *Queue) assign(r *page.Request) error {
	ref, version, err := q.caseRef(r)
	if err != nil {
		return err
	}
	return q.decide(r, ref, func(pack casework.Pack) (deed, error) {
		c, err := q.seenAt(r, ref.ID, version)
		if err != nil {
			return deed{}, err
		}
		fixed, err := q.fixed(r, pack, c)
		if err != nil {
			return deed{}, err
		}
		if err := casework.NeedNamed(r, q.Store, c, fixed); err != nil {
			return deed{}, err
		}
		words := c.Number + " назначен: " + r.Region.Agency(fixed.AgencyID) + "."
		ch, err := domain.Assign(c, fixed, q.by(r, assignWhy(c, fixed), words))
		if err != nil {
			return deed{}, err
		}
		done, err := q.Store.ChangeCase(r.Context(), r.Scope, ch)
		return deed{notice: undoable(done, words)}, err
	})
}

func (q *Queue) fixed(r *page.Request, pack casework.Pack, c domain.Case) (domain.Corrected, error) {
	fix, err := readFix(r, c).fix(pack, c)
	if err != nil {
		return domain.Corrected{}, err
	}
	return pack.Correct(r.Now, c, fix)
}

func assignWhy(c domain.Case, f domain.Corrected) string {
	if f.Differs(c) {
		return "назначено аналитиком с исправлением"
	}
	return "назначено аналитиком по предложению"
}

// reject says that a case is none.
func (q *Queue) reject(r *page.Request) error {
	ref, version, err := q.caseRef(r)
	if err != nil {
		return err
	}
	return q.decide(r, ref, func(casework.Pack) (deed, error) {
		why, err := casework.ClosingOf(casework.RejectReasons(), "closing", r.Text("closing"))
		if err != nil {
			return deed{}, err
		}
		c, err := q.seenAt(r, ref.ID, version)
		if err != nil {
			return deed{}, err
		}
		words := c.Number + " отклонён: " + casework.Closing(why) + "."
		ch, err := domain.Reject(c, why, q.by(r, "не обращение: "+casework.Closing(why), words))
		if err != nil {
			return deed{}, err
		}
		done, err := q.Store.ChangeCase(r.Context(), r.Scope, ch)
		return deed{notice: undoable(done, words)}, err
	})
}

// aside hides a case for a while.
func (q *Queue) aside(r *page.Request) error {
	ref, version, err := q.caseRef(r)
	if err != nil {
		return err
	}
	return q.decide(r, ref, func(casework.Pack) (deed, error) {
		until, err := asideUntil(r, r.Text("until"))
		if err != nil {
			return deed{}, err
		}
		c, err := q.seenAt(r, ref.ID, version)
		if err != nil {
			return deed{}, err
		}
		words := c.Number + " отложен: вернётся " + r.Exact(until) + "."
		ch, err := domain.PutAside(c, until, q.by(r, "", words))
		if err != nil {
			return deed{}, err
		}
		done, err := q.Store.ChangeCase(r.Context(), r.Scope, ch)
		return deed{notice: undoable(done, words)}, err
	})
}

// join gives the posts of a case to another one.
func (q *Queue) join(r *page.Request) error {
	ref, version, err := q.caseRef(r)
	if err != nil {
		return err
	}
	return q.decide(r, ref, func(pack casework.Pack) (deed, error) {
		into, err := q.into(r)
		if err != nil {
			return deed{}, err
		}
		c, err := q.seenAt(r, ref.ID, version)
		if err != nil {
			return deed{}, err
		}
		words := c.Number + " присоединён к " + into.Number + "."
		done, err := q.Store.JoinCase(r.Context(), r.Scope, domain.Join{From: domain.CaseSeen{ID: c.ID, Version: version}, Into: into.ID,
			By: q.by(r, "", words)}, pack.Term)
		return deed{notice: undoable(done, words)}, err
	})
}

// into is the case that a form names to join to.
func (q *Queue) into(r *page.Request) (domain.Case, error) {
	number := r.Text("into")
	if typed := r.Text("into_number"); typed != "" {
		number = typed
	}
	if number == "" {
		return domain.Case{}, page.Invalid("into", "Выберите инцидент, к которому присоединить, или наберите его номер.")
	}
	into, err := q.Store.CaseByNumber(r.Context(), r.Scope, number)
	if errors.Is(err, domain.ErrNotFound) {
		return into, page.Invalid("into_number", "Инцидента «"+number+"» нет. Номер выглядит так: 27-2026-000123.")
	}
	return into, err
}

// split takes the marked posts into a case of their own, which is shown next.
func (q *Queue) split(r *page.Request) error {
	ref, version, err := q.caseRef(r)
	if err != nil {
		return err
	}
	return q.decide(r, ref, func(pack casework.Pack) (deed, error) {
		posts, err := numbers(r.Form["post"])
		if err != nil || len(posts) == 0 {
			return deed{}, page.Invalid("post", "Отметьте сообщения, которые о другом.")
		}
		c, err := q.seenAt(r, ref.ID, version)
		if err != nil {
			return deed{}, err
		}
		words := "Из " + c.Number + " " + page.Plural(len(posts), "отделено", "отделены", "отделено") + " " +
			page.Counted(len(posts), "сообщение", "сообщения", "сообщений") + "."
		done, err := q.Store.SplitCase(r.Context(), r.Scope, domain.Split{From: domain.CaseSeen{ID: c.ID, Version: version}, Posts: posts,
			By: q.by(r, "сообщения о другом", words)}, opener(r, pack, domain.Fix{}), pack.Keys)
		return deed{notice: undoable(done, words), then: domain.Ref{Object: domain.ObjectCase, ID: done.Case.ID}}, err
	})
}

// opener decides about a new case by the pack; a body that cannot be found is
// left to whoever assigns it.
func opener(r *page.Request, pack casework.Pack, fix domain.Fix) domain.OpenByPerson {
	return func(j domain.Judged, registered time.Time) (domain.Decision, error) {
		return pack.Opened(r.Now, registered, j, fix)
	}
}

func numbers(texts []string) ([]int64, error) {
	out := make([]int64, 0, len(texts))
	for _, t := range texts {
		n, err := strconv.ParseInt(t, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("number %q: %w", t, err)
		}
		out = append(out, n)
	}
	return out, nil
}

// renew keeps the thing in hand for the person while their page is open.
func (q *Queue) renew(r *page.Request) error {
	ref, err := pathRef(r)
	if err != nil {
		return err
	}
	l, err := q.Store.TakeLease(r.Context(), r.Scope, ref, r.User.Login, domain.LeaseTime)
	if err != nil {
		return casework.Fault(r, q.Names, err)
	}
	r.W.Header().Set("Lease-Until", leaseUntil(l))
	r.W.WriteHeader(204)
	return nil
}

// leaseUntil is the end of a lease as its page knows it, in microseconds.
func leaseUntil(l domain.Lease) string { return strconv.FormatInt(l.Until.UnixMicro(), 10) }

// leave gives back what the page had: it is being closed. Its words may come
// after the next page of the same person has taken something: what was taken
// later than the page knows stays.
func (q *Queue) leave(r *page.Request) error {
	until, err := strconv.ParseInt(r.Text("until"), 10, 64)
	if err != nil {
		return page.Invalid("until", "Форма устарела: откройте очередь заново.")
	}
	if err := q.Store.ReleaseLeases(r.Context(), r.User.Login, time.UnixMicro(until)); err != nil {
		return err
	}
	r.W.WriteHeader(204)
	return nil
}

// undo takes a change back and returns to where the person was.
func (q *Queue) undo(r *page.Request) error {
	id, err := r.PathID("id")
	if err != nil {
		return err
	}
	words, refs, err := q.Undo(r.Context(), r.ScopeFor(access.SeeCase), id, r.User.Login, r.Now)
	if err != nil {
		return casework.Fault(r, q.Names, err)
	}
	r.Notify(page.Notice{Text: "Отменено: " + strings.TrimSuffix(words, ".") + "."})
	return r.Redirect(back(r, refs))
}

// back is the page a form was sent from; in the queue, with what was taken back
// in hand.
func back(r *page.Request, refs []domain.Ref) string {
	u, err := url.Parse(r.Referer())
	if err != nil || u.Path == "" || strings.HasPrefix(u.Path, "/undo") {
		return "/"
	}
	u.Scheme, u.Host, u.User = "", "", nil
	if u.Path == "/queue" && len(refs) > 0 {
		query := u.Query()
		query.Set("at", refText(refs[0]))
		u.RawQuery = query.Encode()
	}
	return u.String()
}
