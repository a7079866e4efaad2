package card

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/otklik/otklik/desk/casework"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// lists are what stands below and beside the conversation.
func (c *Card) lists(r *page.Request, pack casework.Pack, w domain.CaseWhole, v *cardView) {
	for _, h := range w.Holders {
		v.Holders = append(v.Holders, c.holder(r, w.Case, h))
	}
	for _, e := range w.History {
		if !told(w.History, e) {
			v.History = append(v.History, c.line(r, pack, e))
		}
	}
	slices.Reverse(v.History)
	for _, f := range w.Files {
		v.Files = append(v.Files, fileView{ID: f.ID, Name: f.Name, Size: casework.Size(f.Size), By: c.Names.Of(f.By), When: r.When(f.At)})
	}
	for _, o := range w.Related {
		v.Related = append(v.Related, c.related(r, pack, o))
	}
	for _, d := range w.Deferrals {
		v.Asked = append(v.Asked, c.deferral(r, d))
	}
	for _, o := range w.Rounds {
		v.Rounds = append(v.Rounds, roundView{fmt.Sprintf("%d-й круг: зарегистрирован %s, %s, закончился %s", o.Round, r.Exact(o.RegisteredAt),
			answeredWords(r, o), r.Exact(o.EndedAt))})
	}
}

// told reports that another line of the same moment says it already: a text that
// is sent for approval moves its case, a question too.
func told(history []domain.CaseEvent, e domain.CaseEvent) bool {
	switch e.What {
	case "question", "send_back", "deferral", "review":
	case "reply":
		if replyState(e.Details) == "draft" {
			return false
		}
	default:
		return false
	}
	return slices.ContainsFunc(history, func(o domain.CaseEvent) bool {
		return (o.What == "moved" || o.What == "changed") && o.Why != "" && o.Who == e.Who && o.At.Equal(e.At)
	})
}

func replyState(details []byte) string {
	var d struct{ State string }
	if json.Unmarshal(details, &d) != nil {
		return ""
	}
	return d.State
}

func answeredWords(r *page.Request, o domain.CaseRound) string {
	if o.AnsweredAt.IsZero() {
		return "без ответа"
	}
	late := "в срок"
	if !o.Deadline.Due.IsZero() && !o.Deadline.Met(o.AnsweredAt) {
		late = "с опозданием"
	}
	return "ответ " + r.Exact(o.AnsweredAt) + " " + late + ", " + casework.Outcome(o.Outcome)
}

func (c *Card) holder(r *page.Request, k domain.Case, h domain.CaseHolder) holderView {
	v := holderView{Agency: r.Region.Agency(h.AgencyID), Since: r.Exact(h.Since), By: c.Names.Of(h.By), Why: h.Why, Undone: h.Undone}
	until := h.Until
	switch {
	case !until.IsZero():
		v.Until = r.Exact(until)
	case !k.ClosedAt.IsZero():
		until = k.ClosedAt
		v.Until = r.Exact(until)
	default:
		until = r.Now
		v.Until = "сейчас"
	}
	v.For = page.Duration(until.Sub(h.Since))
	return v
}

func (c *Card) line(r *page.Request, pack casework.Pack, e domain.CaseEvent) lineView {
	v := lineView{When: r.When(e.At), Exact: r.Exact(e.At), Who: c.Names.Of(e.Who), What: casework.What(e), Why: e.Why}
	if strings.EqualFold(v.Why, v.What) { // said once
		v.Why = ""
	}
	switch e.What {
	case "reply":
		v.What = replyWords(e.Details)
	case "split", "note", "file", "linked", "unlinked", "post_edited", "post_deleted", "review", "question", "send_back", "deferral", "reminder", "opened":
	default:
		v.What, v.Changes = changedWords(v.What, e.Details), casework.Changes(r, pack, e.Details)
		v.Changes = slices.DeleteFunc(v.Changes, func(words string) bool { // the reason says it already
			_, now, _ := strings.Cut(words, ": ")
			return strings.Contains(v.Why, now) || strings.HasPrefix(words, "контролёру: снято")
		})
	}
	return v
}

// changedWords says of what only the controller is told that it is.
func changedWords(what string, details []byte) string {
	var fields map[string][2]*string
	if json.Unmarshal(details, &fields) != nil || len(fields) != 1 || fields["controller"][1] == nil {
		return what
	}
	if *fields["controller"][1] == "" {
		return "Решение контролёра"
	}
	return "Контролёру"
}

// replyWords is what became of a text, for the history.
func replyWords(details []byte) string {
	var d struct{ Kind, State string }
	if json.Unmarshal(details, &d) != nil {
		return "Ответ"
	}
	kind := "Ответ"
	if d.Kind == "interim" {
		kind = "Промежуточный ответ"
	}
	words := map[string]string{"draft": "начат черновик", "approval": "отправлен на согласование", "approved": "согласован",
		"returned": "возвращён на доработку", "published": "опубликован", "by_hand": "дан вручную", "corrected": "исправлен",
		"proposed": "предложено исправление", "proposal_returned": "исправление возвращено", "proposal_recalled": "исправление отозвано",
		"proposal_stale": "предложенное исправление устарело"}[d.State]
	if words == "" { // the reason says it
		return kind
	}
	return kind + ": " + words
}

func (c *Card) related(r *page.Request, pack casework.Pack, o domain.RelatedCase) relatedView {
	s := casework.FindSubject(pack, domain.Subject{Row: o.Case.Row, Topic: o.Case.Topic})
	how := map[string]string{"linked": "связан", "joined": "присоединён сюда", "joined_to": "сообщения теперь там", "story": "тот же сюжет", "like": "похож"}[o.How]
	return relatedView{ID: o.Case.ID, Number: o.Case.Number, How: how, Words: s.Words() + ", " + page.Place(o.Case.Place),
		State: domain.StateTitle(o.Case.State), Due: r.Due(o.Case), Linked: o.How == "linked"}
}

func (c *Card) deferral(r *page.Request, d domain.CaseDeferral) deferralView {
	v := deferralView{Words: fmt.Sprintf("%s просит отложить до %s: %s", c.Names.Of(d.AskedBy), d.Until.Words(), d.Reason)}
	switch d.Decision {
	case "granted":
		v.Decision = "разрешено, " + c.Names.Of(d.DecidedBy) + ", " + r.When(d.DecidedAt)
	case "refused":
		v.Decision = "отказано, " + c.Names.Of(d.DecidedBy) + ", " + r.When(d.DecidedAt) + ": " + d.Why
	case "withdrawn":
		v.Decision = "снято: инцидент передан другому органу " + r.When(d.DecidedAt)
	default:
		v.Decision = "ждёт контролёра"
	}
	return v
}
