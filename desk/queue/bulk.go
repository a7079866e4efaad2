package queue

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/otklik/otklik/desk/casework"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// bulk orders one change of many cases and undecided posts: of those marked, or of
// all the filter gives.
func (q *Queue) bulk(r *page.Request) error {
	pack, err := q.Packs.Of(r)
	if err != nil {
		return err
	}
	o, err := q.order(r, pack)
	if err != nil {
		return err
	}
	job, err := q.Store.OrderBulk(r.Context(), o)
	if errors.Is(err, domain.ErrNotFound) {
		return page.Invalid("case", "По этому фильтру ничего такого нет: обрабатывать нечего.")
	}
	if err != nil {
		return err
	}
	if q.Kick != nil {
		q.Kick()
	}
	return r.Redirect(fmt.Sprintf("/queue/bulk/%d", job.ID))
}

func (q *Queue) order(r *page.Request, pack casework.Pack) (domain.BulkOrder, error) {
	v, err := viewOf(r)
	if err != nil {
		return domain.BulkOrder{}, err
	}
	o := domain.BulkOrder{Region: r.Region.ID, Action: domain.BulkAction(r.Text("do")), Who: r.User.Login, Address: r.Doer().Address, At: r.Now, Scope: r.Scope}
	if o.Filter, err = v.filter(pack); err != nil {
		return o, err
	}
	if r.Text("all") == "" {
		if err := marked(r, &o); err != nil {
			return o, err
		}
	}
	if o.Action == domain.BulkJoin {
		into, err := q.into(r)
		o.Into, o.Words = into.ID, "присоединено к "+into.Number
		return o, err
	}
	return o, orderWords(r, &o)
}

// marked reads the boxes ticked.
func marked(r *page.Request, o *domain.BulkOrder) error {
	if len(r.Form["case"])+len(r.Form["review"]) == 0 {
		return page.Invalid("case", "Отметьте строки в списке или выберите «все по фильтру».")
	}
	for _, t := range r.Form["case"] {
		id, version, err := ticked("case", t)
		if err != nil {
			return err
		}
		o.Cases = append(o.Cases, domain.CaseSeen{ID: id, Version: version})
	}
	for _, t := range r.Form["review"] {
		id, version, err := ticked("review", t)
		if err != nil {
			return err
		}
		o.Reviews = append(o.Reviews, domain.ReviewSeen{ID: id, Version: version})
	}
	return nil
}

// ticked reads "id:version".
func ticked(field, text string) (id, version int64, err error) {
	a, b, _ := strings.Cut(text, ":")
	id, err1 := strconv.ParseInt(a, 10, 64)
	version, err2 := strconv.ParseInt(b, 10, 64)
	if err1 != nil || err2 != nil {
		return 0, 0, page.Invalid(field, "Форма устарела: откройте очередь заново.")
	}
	return id, version, nil
}

func orderWords(r *page.Request, o *domain.BulkOrder) (err error) {
	switch o.Action {
	case domain.BulkAssign:
		o.Words = "назначено предложенному органу"
	case domain.BulkReject:
		if o.Closing, err = casework.ClosingOf(casework.RejectReasons(), "closing", r.Text("closing")); err == nil {
			o.Words = "отклонено: " + casework.Closing(o.Closing)
		}
	case domain.BulkAside:
		if o.Until, err = asideUntil(r, r.Text("until")); err == nil {
			o.Words = "отложено до " + r.Exact(o.Until)
		}
	default:
		err = page.Invalid("do", "Выберите, что сделать.")
	}
	return err
}

// bulkView is how far an order has come.
type bulkView struct {
	Job     domain.BulkJob
	Percent int
	Undo    string
	Done    string // «5 инцидентов», «5 сообщений», «5 инцидентов и сообщений»
}

// doneWords counts what an order has done.
func doneWords(j domain.BulkJob) string {
	switch j.Reviews {
	case 0:
		return page.Counted(j.Done, "инцидент", "инцидента", "инцидентов")
	case j.Total:
		return page.Counted(j.Done, "сообщение", "сообщения", "сообщений")
	}
	return page.Counted(j.Done, "инцидент и сообщение", "инцидента и сообщения", "инцидентов и сообщений")
}

func (q *Queue) bulkPage(r *page.Request) error {
	id, err := r.PathID("id")
	if err != nil {
		return err
	}
	job, err := q.Store.Bulk(r.Context(), r.Scope, id, r.User.Login)
	if err != nil {
		return err
	}
	v := bulkView{Job: job, Percent: 100, Done: doneWords(job)}
	if job.Total > 0 {
		v.Percent = (job.Done + job.Passed) * 100 / job.Total
	}
	if job.Finished() && job.UndoID != 0 && job.State != "undone" && r.Now.Sub(job.FinishedAt) < domain.BulkUndoWindow {
		v.Undo = fmt.Sprintf("/undo/%d", job.UndoID)
	}
	if r.Partial() {
		return r.Fragment("bulk", "progress", v)
	}
	return r.Render("bulk", v)
}

func (q *Queue) bulkStop(r *page.Request) error {
	id, err := r.PathID("id")
	if err != nil {
		return err
	}
	if _, err := q.Store.Bulk(r.Context(), r.Scope, id, r.User.Login); err != nil {
		return err // of nobody one knows
	}
	if err := q.Store.StopBulk(r.Context(), r.Scope, id, r.Doer()); err != nil {
		return err
	}
	return r.Redirect(fmt.Sprintf("/queue/bulk/%d", id))
}
