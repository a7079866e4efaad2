package router

// Reason is the machine name of a decision, with words for people beside it.
type Reason string

// The reasons of decisions.
const (
	AssignedUnseen Reason = "assigned_unseen"
	AttachedCopy   Reason = "attached_copy"
	AttachedOrigin Reason = "attached_origin"
	AttachedThread Reason = "attached_thread"
	AttachedPlace  Reason = "attached_place"
	AttachedTalk   Reason = "attached_talk"

	AttachedParaphrase Reason = "attached_paraphrase"
	LikelySame         Reason = "likely_same"

	Faults          Reason = "faults"
	UrgentToPerson  Reason = "urgent"
	UrgentUnclear   Reason = "urgent_unclear"
	RestrictedRow   Reason = "restricted"
	NoBody          Reason = "no_body"
	NoTopic         Reason = "no_topic"
	DoubtfulKind    Reason = "doubtful_kind"
	LowConfidence   Reason = "low_confidence"
	LowMargin       Reason = "low_margin"
	PlaceUnknown    Reason = "place_unknown"
	PlaceDisputed   Reason = "place_disputed"
	PlaceElsewhere  Reason = "place_elsewhere"
	NotAProblem     Reason = "not_a_problem"
	ThanksKept      Reason = "thanks"
	ThanksDoubtful  Reason = "doubtful_thanks"
	OtherDoubtful   Reason = "doubtful_other"
	OwnAnswer       Reason = "own"
	EditedSame      Reason = "edited_same"
	EditedChanged   Reason = "edited_changed"
	EditedNowUrgent Reason = "edited_now_urgent"

	AuthorAnswered    Reason = "author_answered"
	AuthorObjects     Reason = "author_objects"
	AuthorSaysAgain   Reason = "author_says_again"
	AuthorInDialog    Reason = "dialog"
	AuthorThanks      Reason = "author_thanks"
	AuthorUnclear     Reason = "author_unclear"
	StrangerUnderOurs Reason = "stranger"
	ByPerson          Reason = "by_person"
	Promised          Reason = "promised"
)

// Words is the reason in Russian, as people see it.
func (r Reason) Words() string { return words()[r] }

// Reasons lists every reason a decision may have.
func Reasons() []Reason {
	out := make([]Reason, 0, len(words()))
	for r := range words() {
		out = append(out, r)
	}
	return out
}

func words() map[Reason]string {
	return map[Reason]string{
		AssignedUnseen:     "поручено без модерации: уверенность выше порога региона",
		AttachedCopy:       "присоединено: дословно такое сообщение уже в работе",
		AttachedOrigin:     "присоединено: репост сообщения, которое уже в работе",
		AttachedThread:     "присоединено: то же обсуждение и та же тема",
		AttachedPlace:      "присоединено: та же тема по тому же адресу",
		AttachedTalk:       "присоединено: комментарий в том же обсуждении, о другом уверенно не говорит",
		AttachedParaphrase: "присоединено: о том же другими словами, то же место и близко по времени",
		LikelySame:         "на модерации: похоже на открытый инцидент, решает человек, тот же ли он",
		Faults:             "на модерации: сообщение пришло с неисправностью",
		UrgentToPerson:     "на модерации: возможна угроза жизни или здоровью, решает дежурный",
		UrgentUnclear:      "на просмотре: похоже на угрозу жизни, но не на обращение",
		RestrictedRow:      "на модерации: строка ограниченного доступа, направляет человек",
		NoBody:             "на модерации: маршруты не привели к действующему органу",
		NoTopic:            "на модерации: проблема есть, тема не определена",
		DoubtfulKind:       "на модерации: может быть, это не обращение",
		LowConfidence:      "на модерации: уверенность ниже порога региона",
		LowMargin:          "на модерации: вторая по вероятности категория слишком близка",
		PlaceUnknown:       "на модерации: от места зависит, кому поручать, а оно не определено",
		PlaceDisputed:      "на модерации: названо несколько муниципалитетов, и неясно, в каком из них проблема",
		PlaceElsewhere:     "на модерации: место названо в другом регионе или стране, поручать ли и кому, решает человек",
		NotAProblem:        "сохранено: не обращение (новость, реклама, разговор)",
		ThanksKept:         "сохранено: благодарность",
		ThanksDoubtful:     "решает человек: сказано как благодарность, но похоже на насмешку или жалобу",
		OtherDoubtful:      "решает человек: принято не за обращение, но может им быть",
		OwnAnswer:          "сохранено: наш собственный ответ",
		EditedSame:         "текст изменён автором, категория прежняя",
		EditedChanged:      "на просмотре: автор изменил текст, и категория теперь другая; инцидент сам не переходит",
		ByPerson:           "открыто аналитиком по сообщению, оставленному на просмотр",
		Promised:           "на модерации: написано боту, автор ждёт номера; на обращение не похоже",
		AuthorAnswered:     "автор ответил на вопрос комментарием",
		AuthorObjects:      "автор не согласен с ответом: пишет под ним, что не решено",
		AuthorSaysAgain:    "автор не согласен с ответом: в ответ на него пишет о той же проблеме",
		AuthorInDialog:     "автор пишет об этом инциденте боту",
		AuthorThanks:       "автор под ответом благодарит за результат",
		AuthorUnclear:      "автор написал под ответом, доволен ли он — решает человек",
		StrangerUnderOurs:  "под нашим ответом написал не автор: ничего не решает",
		EditedNowUrgent:    "на просмотре: автор изменил текст, возможна угроза жизни или здоровью",
	}
}

// Pieces of sentences.
const (
	wordsRow            = "строка %d («%s»)"
	wordsOrdinary       = "общий порядок («%s»)"
	wordsOrdinaryPlain  = "общий порядок"
	wordsPlaceUnknown   = "место не определено"
	wordsPlaceElsewhere = "другой регион: %s"
	wordsPlaceHome      = " (по территории источника)"
	wordsRoute          = "%s, %s → %s (%s)"
	wordsRoutePlace     = "за такое отвечает администрация места"
	wordsRouteNoPlace   = "место не определено, отвечает орган региона"
	wordsRouteHere      = "у этого муниципалитета для такого свой орган"
	wordsRouteWhole     = "один орган на весь регион"
	wordsRouteDefault   = "общее правило: другие не подошли"
	wordsExplained      = "; вне полномочий региона, ответ «разъяснено»"
	wordsNoBody         = "ни один маршрут не подошёл"
	wordsBodyUnknown    = "органа «%s» нет в перечне"
	wordsBodyNotInForce = "%s не действует на %s, пропущен"
	wordsLate           = "; зарегистрировано позже чем через 3 дня после публикации"
	wordsNoCalendar     = "; контрольный срок не посчитан: %s"
	wordsCalendarYear   = "в рабочем календаре региона нет %d года"
	wordsTwin           = "; дословно такое сообщение из другого места в работе"
	wordsTwinCase       = " (инцидент %s)"
	wordsLike           = "; похоже на другой открытый инцидент"
	wordsBeside         = "; автор написал это в ответ на наш ответ по инциденту %s"
	wordsBesideAsked    = "; автор написал это в ответ на вопрос по инциденту %s"
	wordsLikeCase       = "; похоже на инцидент %s"
	wordsEvidence       = " («%s»)"
	wordsChosen         = "орган выбран человеком"
	wordsForControl     = "категория исправлена: %s; по ней до срока меньше двух дней, %s"
	wordsProposed       = "; предлагается: %s"

	noticeUrgent   = "СРОЧНО: возможна угроза жизни или здоровью. %s, %s. %s"
	noticeAssigned = "Новое поручение: %s, %s. Ответить до %s включительно. %s"
	noticeCalendar = "Срок посчитан без календаря, %s: контрольные сроки равны предельным. Дополните calendar.yaml и введите новую версию пакета."
	noticeBeside   = "Инцидент %s: автор ответил на наш ответ, но пишет о другой проблеме, у неё свой инцидент. Прочитайте: может быть, он и с ответом не согласен."
	noticeNoBody   = "Нет действующего органа: %s. Проверьте routing.yaml и agencies.yaml."
)
