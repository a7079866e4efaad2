package staff

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/otklik/otklik/bots"
	"github.com/otklik/otklik/domain"
)

// Every text that people of the desk read from the bot stands in this file.

const (
	wordsLinked = `Чат привязан: %s. Сюда будут приходить уведомления о поручениях. Тихие часы, час сводки и отвязка — на рабочем месте, «Мои уведомления».

Команды: «уведомления» — что здесь есть, «отвязать» — больше сюда не писать. Всё остальное, что Вы здесь напишете, бот поймёт как сообщение жителя.`
	wordsWrongCode = "Этот код не действует: он одноразовый, живёт 10 минут, а новый отменяет прежний. Сделайте код на рабочем месте, «Мои уведомления», и пришлите его сюда."
	wordsNotLinked = "Эта кнопка больше не действует: чат не привязан к учётной записи. Привязать его — на рабочем месте, «Мои уведомления»."
	wordsHelp      = `Здесь бывают уведомления о поручениях: %s. Под новым поручением — кнопки «Принять» и «Вернуть».

Тихие часы, час сводки и почта — на рабочем месте, «Мои уведомления». Чтобы бот сюда больше не писал: «отвязать».`
	wordsUnlinked  = "Чат отвязан: уведомления сюда больше не приходят."
	wordsCancelled = "Хорошо, ничего не меняем."
	wordsOldKey    = "Эта кнопка больше не действует."
	wordsTooFast   = "Слишком много сообщений подряд. Подождите минуту."

	wordsAccepted    = "Инцидент %s принят вашим органом."
	wordsUntil       = " Ответить — до %s включительно."
	wordsReason      = "Почему инцидент %s не ваш? Напишите причину одним сообщением: её прочитает ЦУР. Передумали — «отмена»."
	wordsWhichBody   = "Кому его передать? Напишите название органа, который, по-вашему, за это отвечает."
	wordsNoBody      = "Такого органа в регионе не нашли. Напишите иначе: название или его часть, не короче четырёх букв."
	wordsManyBodies  = "Какому именно?"
	wordsTooManyLike = "Таких органов много, вот первые. Если нужного нет, напишите название полнее."
	wordsSentBack    = "Инцидент %s возвращён в ЦУР, предложен орган: %s."
	wordsRefused     = "Инцидент %s: не получилось. %s"
	wordsStale       = "Инцидент %s уже не там, где был: «%s»%s. Кнопка больше не действует."
	wordsLast        = " — %s, %s"
	wordsGone        = "Этот инцидент вам больше не виден: он у другого органа, или ваши роли изменились."

	wordsInstead = "За %s: "
	wordsMore    = "… и ещё %d — на рабочем месте."
	wordsHeld    = "Пока было тихо, накопилось:"
	wordsMany    = "Уведомлений сразу: %d."
	wordsOpen    = "Открыть: "
	wordsSummary = "Сводка: %d"
	wordsMailEnd = "Письмо отправил «Отклик». Отвечать на него не нужно: настроить уведомления — на рабочем месте, «Мои уведомления»."
)

// WordsLogin refuses a step to whom the desk would not let in yet.
const WordsLogin = "Сначала войдите на рабочее место: там надо сменить пароль или включить второй фактор."

// Labels of buttons.
const (
	labelAccept = "Принять"
	labelBack   = "Вернуть"
	labelOpen   = "Открыть"
	labelCancel = "Отмена"
)

// KindTitle is a kind of notice in words.
func KindTitle(kind domain.NoticeKind) string {
	if t, ok := map[domain.NoticeKind]string{
		domain.NoticeUrgent: "СРОЧНО", domain.NoticeAssigned: "Новое поручение", domain.NoticeControl: "Контрольный срок",
		domain.NoticeDue3: "Срок через трое суток", domain.NoticeDue1: "Срок через сутки", domain.NoticeOverdue: "Просрочено",
		domain.NoticeEscalation: "Просрочка у органа", domain.NoticeDigest: "Сводка", domain.NoticeUnassigned: "Не поручено",
		domain.NoticeSendFailed: "Ответ не доставлен", domain.NoticeFate: "Ответ изменён на площадке", domain.NoticeAnswered: "Автор ответил",
		domain.NoticeNotAsked: "Вопрос не доставлен", domain.NoticeStillAsked: "Автор ещё не ответил", domain.NoticeSilent: "Автор не ответил", domain.NoticeObjected: "Автор не согласен", domain.NoticeWrote: "Пишут под ответом", domain.NoticeLapsed: "Отсрочка не разрешена",
		domain.NoticeDeferral: "Просят отсрочку",
		domain.NoticeAbsence:  "Отсутствие", domain.NoticeReminder: "Напоминание", domain.NoticePartition: "Нужен администратор",
		domain.NoticeApproval: "Ответ на согласование", domain.NoticeRework: "Ответ на доработку", domain.NoticeSentBack: "Поручение возвращено",
		domain.NoticeLeft: "Поручение передано другому органу",
	}[kind]; ok {
		return t
	}
	return "Уведомление"
}

// kindsWords are what a person may hear of.
const kindsWords = "новые поручения, сроки, просрочка, доработка и согласование, несогласие автора, срочное"

// Say implements domain.StaffDesk.
func (d *Desk) Say(_ time.Time, r domain.StaffResult) []domain.Word {
	switch r.Outcome {
	case domain.StaffLinked:
		return one(wordsLinked, r.Name)
	case domain.StaffWrongCode:
		return one(wordsWrongCode)
	case domain.StaffNotLinked:
		return one(wordsNotLinked)
	case domain.StaffHelped:
		return one(wordsHelp, kindsWords)
	case domain.StaffUnlinked:
		return one(wordsUnlinked)
	case domain.StaffCancelled:
		return one(wordsCancelled)
	case domain.StaffOldButton:
		return one(wordsOldKey)
	case domain.StaffTooFast:
		return one(wordsTooFast)
	case domain.StaffGone:
		return one(wordsGone)
	case domain.StaffTooMany, domain.StaffBlocked, domain.StaffSilent:
		return nil
	}
	return d.ofCase(r)
}

func (d *Desk) ofCase(r domain.StaffResult) []domain.Word {
	switch r.Outcome {
	case domain.StaffAccepted:
		w := domain.Word{Text: fmt.Sprintf(wordsAccepted, r.Number)}
		if !r.Due.IsZero() {
			w.Text += fmt.Sprintf(wordsUntil, r.Due.Add(-time.Second).In(d.f.Zone).Format("02.01.2006"))
		}
		d.open(&w, taskPath(r.CaseID))
		return []domain.Word{w}
	case domain.StaffReasonAsked:
		return cancellable(fmt.Sprintf(wordsReason, r.Number))
	case domain.StaffBodyAsked:
		return cancellable(wordsWhichBody)
	case domain.StaffBodyUnknown:
		return cancellable(wordsNoBody)
	case domain.StaffBodyMany:
		return d.choose(r)
	case domain.StaffSentBack:
		return one(wordsSentBack, r.Number, r.Body)
	case domain.StaffRefused:
		w := domain.Word{Text: fmt.Sprintf(wordsRefused, r.Number, r.Words)}
		d.open(&w, taskPath(r.CaseID))
		return []domain.Word{w}
	case domain.StaffStale:
		last := ""
		if r.Who != "" {
			last = fmt.Sprintf(wordsLast, r.Who, r.At.In(d.f.Zone).Format("02.01.2006 15:04"))
		}
		w := domain.Word{Text: fmt.Sprintf(wordsStale, r.Number, domain.StateTitle(r.State), last)}
		d.open(&w, taskPath(r.CaseID))
		return []domain.Word{w}
	}
	return nil
}

func (d *Desk) choose(r domain.StaffResult) []domain.Word {
	w := domain.Word{Text: wordsManyBodies}
	if len(r.Bodies) > maxBodies {
		w.Text = wordsTooManyLike
	}
	for _, a := range r.Bodies {
		press := bodyPress(r.CaseID, a.ID)
		if len(press) > maxPress || len(w.Buttons) == maxBodies {
			continue
		}
		w.Buttons = append(w.Buttons, []domain.Button{bots.Button(a.Short, press)})
	}
	w.Buttons = append(w.Buttons, []domain.Button{bots.Button(labelCancel, pressCancel)})
	return []domain.Word{w}
}

func one(text string, args ...any) []domain.Word {
	if len(args) > 0 {
		text = fmt.Sprintf(text, args...)
	}
	return []domain.Word{{Text: text}}
}

func cancellable(text string) []domain.Word {
	return []domain.Word{{Text: text, Buttons: [][]domain.Button{{bots.Button(labelCancel, pressCancel)}}}}
}

// open adds the way to a case at the desk: a button where the address is one that
// platforms take, else a line.
func (d *Desk) open(w *domain.Word, path string) {
	address := d.address(path)
	switch {
	case address == "":
	case public(address):
		w.Buttons = append(w.Buttons, []domain.Button{{Label: labelOpen, URL: address}})
	default:
		w.Text += "\n" + wordsOpen + address
	}
}

func (d *Desk) address(path string) string {
	if d.f.DeskURL == "" {
		return ""
	}
	return strings.TrimSuffix(d.f.DeskURL, "/") + path
}

// taskPath is the page of a body's task, casePath the card of the control centre.
func taskPath(caseID int64) string { return fmt.Sprintf("/inbox/task/%d", caseID) }
func casePath(caseID int64) string { return fmt.Sprintf("/case/%d", caseID) }

// public: Telegram refuses the button of an address without a dot, and VK one
// without TLS.
func public(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && strings.Contains(u.Hostname(), ".")
}
