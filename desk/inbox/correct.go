package inbox

import (
	"fmt"
	"slices"

	"github.com/otklik/otklik/desk/casework"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// correctView is the answer given last, to be put right.
type correctView struct{ Text, How string }

// toCorrect finds it; nil when none was delivered.
func toCorrect(r *page.Request, f domain.TaskFile) *correctView {
	given := slices.DeleteFunc(slices.Clone(f.Replies), func(a domain.CaseReply) bool {
		return a.State != "published" || a.Round != f.Case.Round
	})
	if len(given) == 0 {
		return nil
	}
	last := slices.MaxFunc(given, func(a, b domain.CaseReply) int { return a.PublishedAt.Compare(b.PublishedAt) })
	v := &correctView{Text: last.Says(), How: "В MAX и Telegram исправленный текст встанет на место прежнего; ВКонтакте такой правки сообществу не даёт, там исправление появится под ответом. Прежний текст останется в истории."}
	if fate, at := last.Fate(); fate == domain.FateRemoved {
		v.How = fmt.Sprintf("Ответ удалён на площадке %s: отправленный отсюда появится там заново.", r.When(at))
	}
	return v
}

// since is what happened to an answer after it was given.
func since(r *page.Request, a domain.CaseReply, name func(string) string) string {
	words := ""
	if fate, at := a.Fate(); fate != "" {
		words = fate.Words() + " на площадке " + r.When(at)
	}
	for i, k := range a.Corrections {
		if words != "" {
			words += " · "
		}
		words += casework.CorrectionLine(r, a, i, name(k.Author))
	}
	return words
}
