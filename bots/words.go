package bots

import (
	"fmt"
	"strings"

	"github.com/otklik/otklik/domain"
)

// Every text of the bot stands in this file.

// ConsentVersion names the text of wordsConsent. Whoever agreed to another one
// is asked again, so it changes with every change of meaning.
const ConsentVersion = "2026-12"

// Pressed is what a person sees for a moment after pressing a button.
const Pressed = "Принято"

const (
	wordsHello = `Здравствуйте! Это бот «Отклик»: %s, %s. Напишите, что случилось и где, — сообщение попадёт к тем, кто за это отвечает.

Это сообщение, а не обращение по Федеральному закону № 59-ФЗ. Обращение подаётся через Госуслуги: https://www.gosuslugi.ru/10091

Если есть угроза жизни — звоните 112.`

	// A message of its own, apart from any other document: 152-ФЗ ст. 9, since 01.09.2025.
	wordsConsent = `Согласие на обработку персональных данных (редакция %s)

Я разрешаю обрабатывать имя, показанное в профиле, номер этого чата и то, что я здесь пишу и прикладываю, чтобы рассмотреть мои сообщения, передать их ответственным органам и ответить мне. Оператор: %s, адрес: %s; сообщения принимает и передаёт органам %s. Согласие действует, пока я его не отзову: команда «отозвать согласие»; удалить всё — «удалить мои данные».

Пока Вы не согласились, мы не храним ничего из того, что Вы написали.`

	wordsConsentAgain = "Чтобы принять сообщение, нам нужно Ваше согласие на обработку персональных данных: ответьте кнопкой выше или словом «согласен»."
	wordsThanksRead   = "Спасибо! Согласие записано. Сейчас примем то, что Вы уже написали."
	wordsThanksRepeat = "Спасибо! Согласие записано. Написанное до него мы не хранили — пришлите сообщение, пожалуйста, ещё раз."
	wordsThanksWrite  = "Спасибо! Согласие записано. Напишите, что случилось и где: улица, дом, населённый пункт."
	wordsAgreed       = "Вы уже согласились, спасибо. Напишите, что случилось и где."
	wordsRefused      = "Хорошо, ничего не храним. Обратиться можно через Госуслуги: https://www.gosuslugi.ru/10091. При угрозе жизни — 112. Если передумаете, напишите нам снова."

	wordsNumber      = "Сообщение зарегистрировано, номер %s. Срок назовём, когда орган примет его в работу. Это сообщение, не обращение по 59-ФЗ: обращение — через Госуслуги."
	wordsNumberJoin  = "Об этом нам уже сообщили, Ваше сообщение присоединено. Номер %s. Срок назовём, когда орган примет его в работу. Это сообщение, не обращение по 59-ФЗ: обращение — через Госуслуги."
	wordsAdded       = "Добавлено к сообщению № %s."
	wordsAnswered    = "Спасибо, ответ передан. Сообщение № %s."
	wordsObjected    = "Поняли: не решено. По сообщению № %s начат новый круг, его проверит контролёр; Ваши слова и прежний ответ у него перед глазами."
	wordsBeside      = "Это приняли отдельно от сообщения № %s, на которое Вам ответили. Если не решено и оно, нажмите «Не решено»."
	wordsBesideHeard = "Эти слова прочитают и те, кто спрашивал Вас о сообщении № %s."
	wordsThanked     = "Спасибо за добрые слова, передадим."
	wordsKept        = "Сообщение получено, его посмотрит человек."
	wordsEdited      = "Исправление увидели, новый текст приложен к сообщению № %s."
	wordsEditedPlain = "Исправление увидели."

	wordsTooFast = "Слишком много сообщений подряд. Подождите минуту и напишите всё одним сообщением."
	wordsTooMany = "За час от Вас уже много сообщений, больше пока не примем. При угрозе жизни — 112."
	wordsSticker = "Стикер прочитать не можем."
	wordsVoice   = "Голосовые сообщения мы не расшифровываем."
	wordsInWords = "Напишите, пожалуйста, словами, что случилось и где."
	wordsShort   = "Напишите, что случилось и где: улица, дом, населённый пункт. Можно приложить фото и место на карте."
	wordsGroup   = "Здесь я не отвечаю: напишите мне лично."
	wordsOldKey  = "Эта кнопка больше не действует."
	wordsHelp    = `Напишите о проблеме своими словами: что случилось и где. Можно приложить фото и место на карте. Писать могут и жители, и организации.

Команды:
• статус — что с Вашими сообщениями
• подписаться — объявления муниципалитета
• отозвать согласие
• удалить мои данные

Это сообщение, а не обращение по 59-ФЗ. Обращение подаётся через Госуслуги: https://www.gosuslugi.ru/10091. При угрозе жизни — 112.`

	wordsNoCases  = "Ваших сообщений пока нет. Напишите, что случилось и где."
	wordsStatus   = "Ваши сообщения:"
	wordsLine     = "№ %s — %s"
	wordsUntil    = "%s, ответ до %s"
	wordsWithBody = "%s (%s)"

	wordsWhichPlace   = "Напишите название муниципалитета: город, округ или район."
	wordsNoPlace      = "Такого муниципалитета в регионе не нашли. Напишите иначе или нажмите «Отмена»."
	wordsManyPlaces   = "Какой именно?"
	wordsSubscribed   = "Готово: объявления пришлём сюда. %s. Отписаться — командой «отписаться»."
	wordsUnsubscribed = "Вы отписаны: %s."
	wordsNoSubs       = "Подписок у Вас нет."
	wordsFromWhat     = "От чего отписать?"

	wordsWithdrawSure = "Отозвать согласие? Больше не будем обрабатывать новые сообщения и писать Вам сюда. Уже зарегистрированные сообщения останутся у органов."
	wordsWithdrawn    = "Согласие отозвано. Больше сюда не пишем. Чтобы снова сообщить о проблеме, напишите нам. Удалить то, что Вы уже написали, можно в любое время: команда «удалить мои данные»."
	wordsNoConsent    = "Вашего согласия у нас сейчас нет, отзывать нечего. То, что Вы писали раньше, можно удалить."

	// What is deleted and what stays: 152-ФЗ ст. 14, 21; the proof of consent, ст. 9 ч. 3.
	wordsEraseSure = "Удалить Ваши данные? Сотрём имя, номер чата, тексты и вложения Ваших сообщений, улицу и дом, подписки и слова бота в этом диалоге; согласие будет отозвано. " +
		"Останется запись о том, когда Вы дали и отозвали согласие, под шифром, который не называет Вас."
	wordsEraseCases = "Уже зарегистрированные сообщения удалить совсем нельзя: их номер, дата, предмет, муниципалитет, орган и его ответ останутся без Ваших данных. " +
		"Органы больше не увидят, о чём Вы писали, и ответить Вам не смогут."
	wordsEraseNoCases  = "Зарегистрированных сообщений у Вас нет."
	wordsErased        = "Ваши данные удалены, согласие отозвано."
	wordsErasedCases   = "Без Ваших данных остались номер, дата, предмет, муниципалитет и ответ органа по сообщениям: %s."
	wordsErasedNoCases = "Зарегистрированных сообщений не было; осталась только запись о согласии под шифром, который не называет Вас."
	wordsCancelled     = "Хорошо, ничего не меняем."

	wordsSatisfied      = "Спасибо за оценку! Сообщение № %s закрыто."
	wordsSatisfiedWaits = "Спасибо за оценку! Сообщение № %s закроем, когда ответят и другие, кто писал об этом."
	wordsWhatsWrong     = "Жаль. Напишите, что не решено по сообщению № %s: это прочитает контролёр."
	wordsReally         = "По сообщению № %s Вы нажали «Не решено». Так решено или нет? Нажмите кнопку или напишите, что не так."
	wordsRatedAlready   = "По этому сообщению оценка уже не нужна. Если проблема осталась, напишите о ней снова."

	// A question under the author's own public post.
	wordsAsk = "Уточните, пожалуйста: %s\n\nОтветьте на это сообщение по %s включительно. Телефон, документы и сведения о здоровье в комментариях не пишите."

	// Said by the bot of its own accord, see Tell.
	wordsAccepted   = "Сообщение № %s принято в работу: %s. Ответ — до %s включительно."
	wordsNewDay     = "Новый срок ответа — до %s включительно."
	wordsDueMoved   = "По сообщению № %s срок изменился: ответим до %s включительно."
	wordsQuestion   = "По сообщению № %s нужно уточнение:\n\n%s\n\nОтветьте здесь по %s включительно."
	wordsReminder   = "Напоминаем: по сообщению № %s ждём Вашего ответа по %s включительно.\n\n%s"
	wordsStillAsked = "По сообщению № %s ждём Вашего ответа на вопрос:\n\n%s"
	wordsSurvey     = "По сообщению № %s дан ответ. Проблема решена?"
	wordsSilent     = "Сообщение № %s закрыто: оценки не было. Если проблема осталась, напишите о ней снова."
	wordsNoWords    = "Сообщение № %s закрыто: Вы отметили «Не решено», но не написали, что не так. Если проблема осталась, напишите об этом здесь."
	wordsAllSolved  = "Сообщение № %s закрыто: те, кто ответил, довольны результатом. Если у Вас проблема осталась, напишите «не решено» и что именно."
	wordsNoAnswer   = "Сообщение № %s отклонено: без уточнения его не поручить. Если проблема осталась, напишите снова, указав, что случилось и где."
	wordsRejected   = "Сообщение № %s рассмотрено: это не проблема, которую решают органы региона. Если мы не так поняли, напишите подробнее."
)

// Around the words of a body: the answer to a message, which is no обращение (59-ФЗ).
const (
	wordsAnswer     = "Ответ на Ваше сообщение № %s:\n\n%s"
	wordsInterim    = "О Вашем сообщении № %s:\n\n%s"
	wordsCorrection = "Уточнение к нашему ответу.\n\n"
)

// wordsAnnounce stands above an announcement.
const wordsAnnounce = "Объявление, %s:\n\n%s"

// Labels of buttons.
const (
	labelAgree    = "Согласен"
	labelRefuse   = "Не согласен"
	labelStatus   = "Статус"
	labelHelp     = "Помощь"
	labelSub      = "Подписаться"
	labelUnsub    = "Отписаться"
	labelYesDo    = "Да, отозвать"
	labelYesErase = "Да, удалить"
	labelErase    = "Удалить мои данные"
	labelMore     = "Ещё"
	labelCancel   = "Отмена"
	labelSolved   = "Решено"
	labelUnsolved = "Не решено"
)

// Hello is said first, before consent is asked for.
func (f *Facts) hello() domain.Word {
	return domain.Word{Text: fmt.Sprintf(wordsHello, f.Center, f.Name)}
}

func (f *Facts) consent() domain.Word {
	return domain.Word{
		Text:    fmt.Sprintf(wordsConsent, ConsentVersion, f.Operator, f.OperatorAddress, f.Center),
		Buttons: row(Button(labelAgree, pressYes+ConsentVersion), Button(labelRefuse, pressNo)),
	}
}

func say(text string, args ...any) domain.Word {
	if len(args) > 0 {
		text = fmt.Sprintf(text, args...)
	}
	return domain.Word{Text: text}
}

func menu(text string, args ...any) domain.Word {
	w := say(text, args...)
	w.Buttons = row(Button(labelStatus, pressStatus), Button(labelHelp, pressHelp))
	return w
}

// MaxLabel is VK's: 40 characters on a button.
const MaxLabel = 40

// Button is a button whose label every platform takes.
func Button(label, press string) domain.Button {
	if r := []rune(label); len(r) > MaxLabel {
		label = string(r[:MaxLabel-1]) + "…"
	}
	return domain.Button{Label: label, Press: press}
}

func row(b ...domain.Button) [][]domain.Button { return [][]domain.Button{b} }

// stateWords says how a case stands, in words for its author. No date is named
// before a body has accepted (R4).
func (f *Facts) stateWords(c domain.DialogCase) string {
	words := map[domain.State]string{
		domain.Found: "на рассмотрении", domain.Moderation: "на рассмотрении", domain.Coordination: "передаётся органу",
		domain.Returned: "передаётся органу", domain.Clarifying: "ждём Вашего уточнения", domain.Execution: "в работе",
		domain.Deferred: "решение отложено", domain.Approval: "в работе", domain.Publishing: "ответ готов, отправляется",
		domain.SendFailed: "ответ готов, отправляется", domain.Satisfaction: "ответ дан, ждём Вашей оценки", domain.Done: "закрыто",
		domain.Reopened: "снова в работе, у контролёра", domain.Rejected: "отклонено", domain.Attached: "рассматривается вместе с другим сообщением",
	}[c.State]
	if c.Accepted() && !c.Due.IsZero() && c.State.ClockRuns() {
		words = fmt.Sprintf(wordsUntil, words, f.lastDay(c.Due))
	}
	if body := f.body(c.AgencyID); body != "" && c.Accepted() {
		words = fmt.Sprintf(wordsWithBody, words, body)
	}
	return words
}

func (f *Facts) status(cases []domain.DialogCase) domain.Word {
	if len(cases) == 0 {
		return say(wordsNoCases)
	}
	lines := []string{wordsStatus}
	for _, c := range cases {
		lines = append(lines, fmt.Sprintf(wordsLine, c.Number, f.stateWords(c)))
	}
	return domain.Word{Text: strings.Join(lines, "\n")}
}
