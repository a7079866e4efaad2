package inbox

import (
	"fmt"

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// tabTitle names a tab.
func tabTitle(t domain.Tab) string {
	switch t {
	case domain.TabDistribute:
		return "Распределить"
	case domain.TabDraft:
		return "Ответить"
	case domain.TabApprove:
		return "Согласовать"
	case domain.TabPublish:
		return "Публикация"
	case domain.TabAsked:
		return "Ждут автора"
	case domain.TabDeferred:
		return "Отложенные"
	case domain.TabReturned:
		return "Возвращённые"
	case domain.TabWatch:
		return "Подведомственные"
	case domain.TabAll:
		return "Все"
	}
	return string(t)
}

// emptyWords says why a tab is empty and where work may be instead.
func emptyWords(t domain.Tab, filtered bool) string {
	if filtered {
		return "По этому фильтру ничего нет. Снимите фильтр или выберите другую вкладку."
	}
	switch t {
	case domain.TabDistribute:
		return "Всё распределено. Новые поручения появятся здесь, как только ЦУР передаст их органу."
	case domain.TabDraft:
		return "На вас нет поручений. Новые появятся здесь, когда координатор назначит вас исполнителем; свободные можно взять во вкладке «Все»."
	case domain.TabApprove:
		return "Согласовывать нечего. Ответ появится здесь, когда исполнитель отправит его на согласование."
	case domain.TabPublish:
		return "Ответов, которые ждут публикации, нет."
	case domain.TabAsked:
		return "Вопросов авторам, на которые ждут ответа, нет."
	case domain.TabDeferred:
		return "Отложенных решений и просьб о них нет."
	case domain.TabReturned:
		return "Поручений, возвращённых в ЦУР, нет."
	case domain.TabWatch:
		return "У подведомственных органов открытых поручений нет."
	case domain.TabAll:
	}
	return "Открытых поручений нет."
}

// footWords says how many rows there are and what narrows them.
func footWords(shown, total int, filter string) string {
	words := page.Counted(total, "поручение", "поручения", "поручений")
	switch {
	case total > domain.TaskCap:
		words = fmt.Sprintf("Показано %s из более чем %s", page.Count(shown), page.Count(domain.TaskCap))
	case shown < total:
		words = fmt.Sprintf("Показано %s из %s", page.Count(shown), page.Count(total))
	}
	if filter != "" {
		words += " · " + filter
	}
	return words
}

// doneWords is the notice after a step.
func doneWords(step domain.Step, number string, r *page.Request, c domain.Case, person string) string {
	what := map[domain.Step]string{
		domain.StepAccept: "Принято", domain.StepDistribute: "Назначено: " + person, domain.StepTake: "Взято себе",
		domain.StepHandDown: "Передано: " + r.Region.Agency(c.AgencyID), domain.StepHandUp: "Возвращено: " + r.Region.Agency(c.AgencyID),
		domain.StepSendBack: "Возвращено в ЦУР", domain.StepDraft: "Черновик сохранён", domain.StepSubmit: submitted(c),
		domain.StepApprove: "Согласовано, ответ ждёт публикации", domain.StepRework: "Возвращено на доработку",
		domain.StepAsk: "Вопрос автору записан", domain.StepAnswered: "Ответ автора записан",
		domain.StepDefer: "Просьба передана контролёру", domain.StepGrant: "Отложенное решение разрешено",
		domain.StepRefuse: "В отложенном решении отказано", domain.StepResume: "Снова в работе",
		domain.StepPublished: "Промежуточный ответ записан", domain.StepResend: "Ответ отправляется ещё раз", domain.StepRewrite: submitted(c),
		domain.StepRemind: "Напоминание отправлено", domain.StepCorrect: "Исправление отправляется",
		domain.StepPropose: "Исправление ждёт согласования", domain.StepReturn: "Исправление возвращено", domain.StepRecall: "Исправление отозвано",
		domain.StepCopy: "Решение о копии записано",
	}[step]
	return what + " · " + number
}

// proposedAlone is the notice where the body needs no approval.
const proposedAlone = "Исправление отправляется: согласование органу не требуется"

func submitted(c domain.Case) string {
	if c.State == domain.Publishing {
		return "Ответ принят и ждёт публикации: согласование органу не требуется"
	}
	return "Отправлено на согласование"
}

// staleWords says what somebody else did meanwhile.
func staleWords(s *domain.Stale, r *page.Request, name string) string {
	words := fmt.Sprintf("Пока вы работали, инцидент %s изменился: теперь «%s»", s.Number, domain.StateTitle(s.State))
	if s.Who != "" {
		words += fmt.Sprintf(" (%s, %s", name, r.When(s.At))
		if s.Why != "" {
			words += ": " + s.Why
		}
		words += ")"
	}
	return words + ". Ваше действие не выполнено, ничего не переписано."
}

// replyTitle names an answer with its state.
func replyTitle(rep domain.CaseReply) string {
	kind := "Промежуточный ответ"
	if rep.Final {
		kind = "Окончательный ответ"
	}
	return kind + " · " + map[string]string{
		"draft": "черновик", "approval": "на согласовании", "approved": "согласован, ждёт публикации", "returned": "на доработке",
		"published": "опубликован", "by_hand": "дан вручную", "withdrawn": "прежнего органа, не отправлен",
	}[rep.State]
}

func outcomeWords(o domain.Outcome) string {
	switch o {
	case domain.Solved:
		return "вопрос решён"
	case domain.Explained:
		return "дано разъяснение"
	}
	return ""
}

func questionWords(result string) string {
	return map[string]string{"": "ждём ответа", "answered": "автор ответил", "silent": "автор не ответил", "withdrawn": "вопрос снят"}[result]
}
