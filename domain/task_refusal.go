package domain

import "fmt"

// Refusal is the named reason why a step with a task is not allowed. Its words
// are for the person who tried.
type Refusal string

// The refusals.
const (
	RefuseUnknownStep      Refusal = "unknown_step"
	RefuseState            Refusal = "wrong_state"
	RefuseRole             Refusal = "not_your_role"
	RefuseNobodys          Refusal = "nobody_has_it"
	RefuseNotYours         Refusal = "somebody_else_has_it"
	RefuseAlreadyYours     Refusal = "already_yours"
	RefuseAlreadyTheirs    Refusal = "already_theirs"
	RefuseTaken            Refusal = "already_taken"
	RefuseNotAccepted      Refusal = "not_accepted_yet"
	RefuseEmptyText        Refusal = "empty_text"
	RefuseNothingToCorrect Refusal = "nothing_to_correct"
	RefuseCorrectShut      Refusal = "correct_author_shut"
	RefuseCorrectChannel   Refusal = "correct_channel_off"
	RefuseCorrectAccount   Refusal = "correct_no_account"
	RefuseCorrectOther     Refusal = "correct_other_bodys_account"
	RefuseNoLostCopy       Refusal = "no_lost_copy"
	RefuseAuthorShut       Refusal = "author_shut"
	RefuseSameText         Refusal = "same_text"
	RefuseOwnProposal      Refusal = "own_proposal"
	RefuseNotYourProposal  Refusal = "not_your_proposal"
	RefuseProposalWaits    Refusal = "proposal_waits"
	RefuseNoProposal       Refusal = "no_proposal"
	RefuseNoTemplateBody   Refusal = "template_without_body"
	RefuseTemplateTitle    Refusal = "template_title"
	RefuseLongText         Refusal = "text_too_long"
	RefuseLongAnswer       Refusal = "answer_too_long"
	RefuseLongQuestion     Refusal = "question_too_long"
	RefuseNoOutcome        Refusal = "no_outcome"
	RefuseDraftChanged     Refusal = "draft_changed"
	RefuseOwnDraft         Refusal = "four_eyes"
	RefuseNoReason         Refusal = "no_reason"
	RefuseNoBody           Refusal = "no_proposed_body"
	RefuseSameBody         Refusal = "same_body"
	RefuseSendBackLate     Refusal = "send_back_late"
	RefuseSendBackLimit    Refusal = "send_back_limit"
	RefuseHandedDown       Refusal = "handed_down"
	RefuseNotHanded        Refusal = "not_handed_down"
	RefuseNotBelow         Refusal = "not_subordinate"
	RefuseReminded         Refusal = "reminded_lately"
	RefuseNobodyChosen     Refusal = "nobody_chosen"
	RefuseStranger         Refusal = "not_of_this_body"
	RefuseAbsent           Refusal = "absent"
	RefuseDeferralWaits    Refusal = "deferral_waits"
	RefuseNoInterim        Refusal = "no_interim_answer"
	RefuseNothingToSend    Refusal = "nothing_to_send"
	RefuseNoWay            Refusal = "no_such_way"
	RefuseNoProof          Refusal = "no_proof"
	RefuseNoDeferral       Refusal = "no_deferral"
	RefuseDeferNotLater    Refusal = "deferral_not_later"
	RefuseDeferTooLong     Refusal = "deferral_too_long"
	RefuseDeferLate        Refusal = "deferral_after_due"
	RefuseNoNotice         Refusal = "no_notice_to_author"
	RefuseBackwards        Refusal = "absence_ends_before_it_begins"
	RefuseOwnDeputy        Refusal = "own_deputy"
	RefusePastAbsence      Refusal = "absence_is_over"
	RefuseAwayAlready      Refusal = "away_already"

	RefuseLongAnnouncement  Refusal = "announcement_too_long"
	RefuseNoMunicipality    Refusal = "no_municipality"
	RefuseAnnouncementMoved Refusal = "announcement_moved"
	RefuseOwnAnnouncement   Refusal = "own_announcement"

	RefuseDeputyStranger Refusal = "deputy_of_another_body"
	RefuseDigestQuiet    Refusal = "digest_in_quiet_hours"
	RefuseNoTime         Refusal = "no_time_of_day"
)

// Error implements error.
func (r Refusal) Error() string { return "refused: " + string(r) }

// Words says what is in the way and what to do, in Russian.
func (r Refusal) Words() string {
	if w, ok := refusalWords()[r]; ok {
		return w
	}
	return "Это действие сейчас невозможно."
}

// Refusals lists every refusal that has words.
func Refusals() []Refusal {
	out := make([]Refusal, 0, len(refusalWords()))
	for r := range refusalWords() {
		out = append(out, r)
	}
	return out
}

func refusalWords() map[Refusal]string {
	return map[Refusal]string{
		RefuseUnknownStep:       "Такого действия нет. Обновите страницу.",
		RefuseState:             "В этом состоянии так сделать нельзя. Обновите страницу: поручение могло уйти дальше.",
		RefuseRole:              "Для этого нужна другая роль в органе. Обратитесь к координатору или руководителю.",
		RefuseLongAnnouncement:  "Объявление слишком длинное: до 3500 знаков, иначе не все площадки его возьмут.",
		RefuseNoMunicipality:    "Отметьте хотя бы один муниципалитет: объявление получают его подписчики.",
		RefuseAnnouncementMoved: "Объявление уже в другом состоянии. Обновите страницу.",
		RefuseOwnAnnouncement:   "Своё объявление согласует другой человек: руководитель ЦУР или администратор.",
		RefuseNobodys:           "У поручения ещё нет исполнителя. Сначала возьмите его себе или дождитесь распределения.",
		RefuseNotYours:          "Поручение у другого исполнителя. Передать его может координатор.",
		RefuseAlreadyYours:      "Поручение уже у вас.",
		RefuseAlreadyTheirs:     "Поручение уже у этого человека.",
		RefuseTaken:             "Поручение уже взял другой исполнитель. Передать его может координатор.",
		RefuseNotAccepted:       "Орган ещё не принял поручение: сначала его принимает координатор.",
		RefuseEmptyText:         "Напишите текст: он пуст.",
		RefuseNothingToCorrect:  "Доставленного ответа, который можно исправить, нет.",
		RefuseCorrectShut:       "Ответ стоит только в личных сообщениях, а автор запретил боту писать, отозвал согласие или удалил свои данные: исправление ни до кого не дойдёт.",
		RefuseCorrectChannel:    "Ответы на этой площадке сейчас выключены в пакете региона: исправление ни до кого не дойдёт.",
		RefuseCorrectAccount:    "Аккаунт, от имени которого дан ответ, отключён или не работает, а другой его слова исправить не может. Обратитесь к администратору: «Аккаунты».",
		RefuseCorrectOther:      "Ответ дан от имени аккаунта другого органа, и ваш орган им не пользуется: исправить его может только тот орган. Напишите свой ответ или обратитесь в ЦУР.",
		RefuseNoLostCopy:        "Недоставленной копии, о которой нужно решить, нет.",
		RefuseAuthorShut:        "Автор запретил боту писать, отозвал согласие или удалил свои данные: пока он не напишет сам, отправить копию нельзя. Сообщите иначе или оставьте так.",
		RefuseOwnProposal:       "Исправление предложили вы: решить о нём должен другой человек.",
		RefuseNotYourProposal:   "Исправление предложил другой человек: отозвать его может только он.",
		RefuseProposalWaits:     "Исправление этого ответа уже ждёт согласования.",
		RefuseNoProposal:        "Исправления, которое ждёт согласования, нет: его отозвали, уже рассмотрели, или оно устарело. Обновите страницу.",
		RefuseSameText:          "Ответ уже такой: исправлять нечего.",
		RefuseNoTemplateBody:    "Выберите орган, для которого шаблон.",
		RefuseTemplateTitle:     "Назовите шаблон: не больше 100 знаков.",
		RefuseLongText:          fmt.Sprintf("Текст слишком длинный. Сократите его до %d знаков.", WordsLimit),
		RefuseLongAnswer:        fmt.Sprintf("Ответ длиннее %d знаков: столько не берёт ни одна площадка.", LongestAnswer),
		RefuseLongQuestion:      fmt.Sprintf("Вопрос длиннее %d знаков: с адресом и сроком он не поместится в одно сообщение.", QuestionLimit),
		RefuseNoOutcome:         "Отметьте итог: вопрос решён или дано разъяснение.",
		RefuseDraftChanged:      "Пока вы писали, ответ изменил другой человек. Ваш текст ниже: сравните и сохраните ещё раз.",
		RefuseOwnDraft:          "Ответ написали вы: согласовать его должен другой человек.",
		RefuseNoReason:          "Укажите причину: её увидят все, кто будет работать с инцидентом.",
		RefuseNoBody:            "Укажите орган, который, по-вашему, отвечает за этот вопрос.",
		RefuseSameBody:          "Это тот же орган. Выберите другой.",
		RefuseSendBackLate:      "Вернуть поручение можно было до конца рабочего дня после назначения. Теперь орган отвечает по существу, а спорный вопрос решает ЦУР.",
		RefuseSendBackLimit:     "Инцидент уже возвращали столько раз, сколько разрешено. Решение принял ЦУР: вернуть ещё раз нельзя.",
		RefuseHandedDown:        "Поручение передал вышестоящий орган: верните его туда.",
		RefuseNotHanded:         "Вышестоящий орган этого поручения не передавал. Если вопрос не ваш, верните поручение в ЦУР.",
		RefuseNotBelow:          "Передать можно только подведомственному органу.",
		RefuseReminded:          "Об этом поручении уже напомнили меньше четырёх часов назад: дайте органу ответить.",
		RefuseNobodyChosen:      "Выберите, кому назначить.",
		RefuseStranger:          "Этот человек не работает в органе, у которого поручение, или не может готовить ответы.",
		RefuseAbsent:            "Этого человека сейчас нет на работе. Выберите замещающего или другого исполнителя.",
		RefuseDeferralWaits:     "Просьба об отложенном решении уже ждёт контролёра.",
		RefuseNothingToSend:     "Согласованного ответа, который не удалось отправить, нет.",
		RefuseNoWay:             "Этим путём ответить уже нельзя. Выберите другой из списка.",
		RefuseNoInterim:         "Согласованного промежуточного ответа, который ждёт публикации, нет.",
		RefuseNoProof:           "Укажите ссылку на опубликованный ответ: она начинается с https://.",
		RefuseNoDeferral:        "Просьбы об отложенном решении нет: её отозвали или уже рассмотрели.",
		RefuseDeferNotLater:     "Новый срок должен быть позже нынешнего.",
		RefuseDeferTooLong:      "В общем порядке срок продлевают не больше чем на 30 дней.",
		RefuseDeferLate:         "Срок уже истёк: отложить решение можно только до его окончания.",
		RefuseNoNotice:          "Напишите, что сообщить автору: его уведомляют до окончания прежнего срока.",
		RefuseBackwards:         "Последний день отсутствия раньше первого.",
		RefuseOwnDeputy:         "Замещающим не может быть сам отсутствующий.",
		RefusePastAbsence:       "Эти дни уже прошли.",
		RefuseAwayAlready:       "На эти дни отсутствие уже отмечено. Измените прежнюю запись.",

		RefuseDeputyStranger: "Замещать может только сотрудник того же органа.",
		RefuseDigestQuiet:    "Час сводки попадает в тихие часы: назначьте её на их конец или позже.",
		RefuseNoTime:         "Укажите время вида 08:30.",
	}
}
