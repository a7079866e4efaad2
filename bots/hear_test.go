package bots

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
)

func now() time.Time { return time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC) }

func bot() *Bot {
	zone, err := time.LoadLocation("Asia/Vladivostok")
	if err != nil {
		panic(err)
	}
	return New(Facts{Name: "Хабаровский край", Center: "ЦУР края", Zone: zone, SatisfactionDays: 7,
		Municipalities: []Municipality{{ID: "khv", Name: "город Хабаровск", Forms: []string{"Хабаровск"}},
			{ID: "khv-district", Name: "Хабаровский муниципальный район"}, {ID: "lazo", Name: "район имени Лазо"}},
		BodyName: func(id string) string { return "орган " + id }})
}

// agreed is a dialog with consent and these cases.
func agreed(cases ...domain.DialogCase) domain.Dialog {
	return domain.Dialog{ID: 1, Region: "khabarovsk", Platform: domain.VK, Owner: "-700", Chat: "5", Consent: ConsentVersion,
		ConsentAt: now().Add(-time.Hour), Cases: cases}
}

func message(text string) *domain.Post {
	return &domain.Post{ID: domain.NewPostID(domain.VK, "-700", "dialog:5:1"), Kind: domain.Message, Text: text, Private: &domain.Private{Chat: "5"}}
}

func press(p string) *domain.Post {
	m := message("кнопка")
	m.Private.Press = p
	return m
}

func with(text string, files ...string) *domain.Post {
	m := message(text)
	for _, f := range files {
		m.Attachments = append(m.Attachments, domain.Attachment{Type: f})
	}
	return m
}

func TestConsentComesFirst(t *testing.T) {
	b, d := bot(), domain.Dialog{ID: 1}
	first := b.Hear(now(), d, message("На Ленина, 5 третий день нет воды"))
	if first.Reason != AskedConsent || first.Take || !first.Held || len(first.Say) != 2 {
		t.Fatalf("first message: %+v", first)
	}
	if !strings.Contains(first.Say[0].Text, "59-ФЗ") || !strings.Contains(first.Say[0].Text, "gosuslugi.ru") || first.Say[0].Buttons != nil {
		t.Errorf("the hello does not say what this is not: %q", first.Say[0].Text)
	}
	if ask := first.Say[1]; !strings.Contains(ask.Text, ConsentVersion) || len(ask.Buttons) != 1 || ask.Buttons[0][0].Press != "yes:"+ConsentVersion {
		t.Errorf("consent is no message of its own with version and button: %+v", ask)
	}
	second := b.Hear(now().Add(time.Minute), first.Dialog, message("И света тоже"))
	if second.Reason != ConsentWaits || len(second.Say) != 0 || !second.Held {
		t.Errorf("asked twice within a minute: %+v", second)
	}
	again := b.Hear(now().Add(11*time.Minute), second.Dialog, message("Ау!"))
	if again.Reason != AskedConsent {
		t.Errorf("not asked again: %+v", again)
	}
}

// A consent names who keeps the data, and where (152-ФЗ ст. 9 ч. 4).
func TestConsentNamesTheOperator(t *testing.T) {
	f := Facts{Name: "Хабаровский край", Center: "ЦУР", Operator: "Министерство показа", OperatorAddress: "000000, г. Показ, д. 1"}
	got := New(f).Hear(now(), domain.Dialog{ID: 1}, message("Нет воды"))
	if len(got.Say) != 2 || !strings.Contains(got.Say[1].Text, "Оператор: Министерство показа, адрес: 000000, г. Показ, д. 1;") {
		t.Errorf("said %+v", got.Say)
	}
}

func TestAnswersToConsent(t *testing.T) {
	asked := domain.Dialog{ID: 1, AskedAt: now().Add(-time.Minute), Held: 1}
	recalled := press("yes:" + ConsentVersion)
	recalled.Private.Recalled = true
	for name, c := range map[string]struct {
		post   *domain.Post
		reason string
		words  string
		deed   domain.DeedKind
	}{
		"button":         {press("yes:" + ConsentVersion), ConsentGiven, wordsThanksRepeat, domain.DeedConsent},
		"recalled":       {recalled, ConsentGiven, wordsThanksRead, domain.DeedConsent},
		"in words":       {message("Согласна!"), ConsentGiven, wordsThanksRepeat, domain.DeedConsent},
		"refused":        {press("no"), ConsentRefused, wordsRefused, domain.DeedRefuse},
		"old version":    {press("yes:2020-01"), ConsentWaits, "", ""},
		"garbage":        {press("'; DROP TABLE"), ConsentWaits, "", ""},
		"help, unagreed": {message("помощь"), ConsentWaits, wordsConsentAgain, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := bot().Hear(now(), asked, c.post)
			if got.Reason != c.reason || got.Take || said1(got) != c.words || deed1(got) != c.deed {
				t.Fatalf("got %+v", got)
			}
			if (got.Dialog.Consent == ConsentVersion) != (c.deed == domain.DeedConsent) {
				t.Errorf("consent afterwards: %q", got.Dialog.Consent)
			}
		})
	}
}

// Who has withdrawn, or never agreed, may still have their data deleted; nothing
// else of theirs is heard.
func TestErasingWithoutConsent(t *testing.T) {
	withdrew := domain.Dialog{ID: 1, AskedAt: now().Add(-time.Minute), Cases: []domain.DialogCase{dialogCase(domain.Execution)}}
	never := domain.Dialog{ID: 1, AskedAt: now().Add(-time.Minute)}
	for name, c := range map[string]struct {
		dialog domain.Dialog
		post   *domain.Post
		words  string
		deed   domain.DeedKind
	}{
		"in words":            {withdrew, message("Удалить мои данные"), wordsEraseSure + "\n\n" + wordsEraseCases, ""},
		"by the button":       {withdrew, press("erase"), wordsEraseSure + "\n\n" + wordsEraseCases, ""},
		"sure":                {withdrew, press("sure:erase"), wordsErased + " " + fmt.Sprintf(wordsErasedCases, "27-2026-000007"), domain.DeedErase},
		"never agreed, asks":  {never, message("/delete"), wordsEraseSure + "\n\n" + wordsEraseNoCases, ""},
		"never agreed, sure":  {never, press("sure:erase"), wordsErased + " " + wordsErasedNoCases, domain.DeedErase},
		"withdraws once more": {withdrew, message("отозвать согласие"), wordsNoConsent, ""},
		"thinks better of it": {withdrew, press("cancel"), wordsCancelled, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := bot().Hear(now(), c.dialog, c.post)
			if said1(got) != c.words || deed1(got) != c.deed || got.Take || got.Held || got.Dialog.Consent != "" {
				t.Errorf("got %+v", got)
			}
		})
	}
	// Who agreed to an earlier edition has something to withdraw.
	earlier := agreed()
	earlier.Consent = "2026-01"
	if got := bot().Hear(now(), earlier, message("отозвать согласие")); said1(got) != wordsWithdrawSure || deed1(got) != "" {
		t.Errorf("an earlier edition: %+v", got)
	}
	if got := bot().Hear(now(), earlier, press("sure:withdraw")); deed1(got) != domain.DeedWithdraw || got.Dialog.Consent != "" {
		t.Errorf("an earlier edition, sure: %+v", got)
	}
	withdrawn := bot().Hear(now(), agreed(), press("sure:withdraw"))
	if len(withdrawn.Say) != 1 || len(withdrawn.Say[0].Buttons) != 1 || withdrawn.Say[0].Buttons[0][0].Press != "erase" {
		t.Errorf("after withdrawal no button offers it: %+v", withdrawn.Say)
	}
}

func said1(t domain.Turn) string {
	if len(t.Say) == 0 {
		return ""
	}
	return t.Say[0].Text
}

func deed1(t domain.Turn) domain.DeedKind {
	if len(t.Deeds) == 0 {
		return ""
	}
	return t.Deeds[0].Kind
}

func dialogCase(state domain.State) domain.DialogCase {
	return domain.DialogCase{ID: 7, Number: "27-2026-000007", State: state, Round: 1, Due: time.Date(2026, 12, 9, 14, 0, 0, 0, time.UTC), AgencyID: "zhkh"}
}

func TestWhatIsSaidInADialog(t *testing.T) {
	asked := dialogCase(domain.Clarifying)
	asked.Question, asked.QuestionID, asked.CameFrom = "Какой дом?", 3, domain.Execution
	closed := dialogCase(domain.Done)
	closed.ClosedAt = now().Add(-24 * time.Hour)
	old := dialogCase(domain.Done)
	old.ClosedAt = now().Add(-24 * 30 * time.Hour)
	waits := agreed(dialogCase(domain.Satisfaction))
	waits.Expects, waits.About, waits.ExpectsAt = domain.ExpectObjection, 7, now().Add(-time.Minute)
	recent := agreed(dialogCase(domain.Moderation))
	recent.LastCase, recent.LastAt = 7, now().Add(-time.Minute)
	places := agreed()
	places.Expects, places.ExpectsAt = domain.ExpectPlace, now().Add(-time.Minute)
	placesBefore := places
	placesBefore.ExpectsAt = now().Add(-placeWithin)
	askedLater := asked
	askedLater.AskedAt = now().Add(-time.Second)
	for name, c := range map[string]struct {
		dialog domain.Dialog
		post   *domain.Post
		reason string
		into   int64
		deed   domain.DeedKind
		words  string
	}{
		"problem":             {agreed(), message("На Ленина, 5 нет воды"), Problem, 0, "", ""},
		"photo alone":         {agreed(), with("", "photo"), Problem, 0, "", ""},
		"place alone":         {agreed(), &domain.Post{Geo: &domain.Geo{Lat: 48, Lon: 135}, Private: &domain.Private{}}, Problem, 0, "", ""},
		"sticker":             {agreed(), with("", "sticker"), NotWords, 0, "", wordsSticker + " " + wordsInWords},
		"voice":               {agreed(), with("", "audio_message"), NotWords, 0, "", wordsVoice + " " + wordsInWords},
		"voice, asked":        {agreed(asked), with("", "audio_message"), NotWords, 0, "", wordsVoice + "\n\n" + fmt.Sprintf(wordsStillAsked, "27-2026-000007", "Какой дом?")},
		"voice, unsolved":     {waits, with("", "audio_message"), NotWords, 0, "", wordsVoice + "\n\n" + fmt.Sprintf(wordsWhatsWrong, "27-2026-000007")},
		"yes is an answer":    {agreed(asked), message("Да"), Answer, 7, "", ""},
		"voice, words":        {agreed(), with("Слушайте, нет воды на Ленина", "audio_message"), Problem, 0, "", ""},
		"greeting":            {agreed(), message("Добрый день!"), TooShort, 0, "", wordsShort},
		"dots":                {agreed(), message("..."), TooShort, 0, "", wordsShort},
		"answer":              {agreed(asked), message("Дом 5"), Answer, 7, "", ""},
		"command, not answer": {agreed(asked), message("статус"), Command, 0, "", "Ваши сообщения:\n№ 27-2026-000007 — ждём Вашего уточнения, ответ до 09.12.2026 (орган zhkh)"},
		"addition":            {recent, message("подъезд 2"), Addition, 7, "", ""},
		"long is no addition": {recent, message("А на соседней улице Пушкина уже неделю не вывозят мусор"), Problem, 0, "", ""},
		"good":                {agreed(dialogCase(domain.Satisfaction)), press("good:7:1"), Command, 0, domain.DeedSatisfied, fmt.Sprintf(wordsSatisfied, "27-2026-000007")},
		"bad":                 {agreed(dialogCase(domain.Satisfaction)), press("bad:7:1"), Command, 0, domain.DeedUnsolved, fmt.Sprintf(wordsWhatsWrong, "27-2026-000007")},
		"other round":         {agreed(dialogCase(domain.Satisfaction)), press("good:7:2"), OldButton, 0, "", wordsRatedAlready},
		"somebody else's":     {agreed(dialogCase(domain.Satisfaction)), press("good:8:1"), OldButton, 0, "", wordsOldKey},
		"objection":           {waits, message("Приехали и уехали, воды нет"), Objection, 7, domain.DeedObject, ""},
		"unasked objection":   {agreed(dialogCase(domain.Satisfaction)), message("Не решено! Воды нет"), Objection, 7, domain.DeedObject, ""},
		"plain objection":     {agreed(dialogCase(domain.Satisfaction)), message("Ничего не сделали, фонарь так и не горит"), Objection, 7, domain.DeedObject, ""},
		"question unsolved":   {agreed(dialogCase(domain.Satisfaction)), message("Вопрос не решён"), Objection, 7, domain.DeedObject, ""},
		"never mended":        {agreed(dialogCase(domain.Satisfaction)), message("Лифт так и не починили"), Objection, 7, domain.DeedObject, ""},
		"thanks":              {agreed(dialogCase(domain.Satisfaction)), message("Спасибо, фонарь горит"), Command, 0, domain.DeedSatisfied, "Спасибо за оценку! Сообщение № 27-2026-000007 закрыто."},
		"done, objection":     {agreed(closed), message("Не решено, снова нет воды"), Objection, 7, domain.DeedObject, ""},
		"too late":            {agreed(old), message("Не решено, снова нет воды"), Problem, 0, "", ""},
		"at work, no object":  {agreed(dialogCase(domain.Execution)), message("Не решено, снова нет воды на Ленина, 5"), Problem, 0, "", ""},
		"garbage":             {agreed(), press("\x00{bad"), OldButton, 0, "", wordsOldKey},
		"garbage rating":      {agreed(), press("good:x"), OldButton, 0, "", wordsOldKey},
		"withdraw asks":       {agreed(), message("Отозвать согласие"), Command, 0, "", wordsWithdrawSure},
		"withdraw":            {agreed(), press("sure:withdraw"), Command, 0, domain.DeedWithdraw, wordsWithdrawn},
		"erase":               {agreed(), press("sure:erase"), Command, 0, domain.DeedErase, wordsErased + " " + wordsErasedNoCases},
		"erase, of cases":     {agreed(dialogCase(domain.Execution)), press("sure:erase"), Command, 0, domain.DeedErase, wordsErased + " " + fmt.Sprintf(wordsErasedCases, "27-2026-000007")},
		"subscribe":           {places, message("хабаровск"), Command, 0, domain.DeedSubscribe, fmt.Sprintf(wordsSubscribed, "город Хабаровск")},
		"subscribe, which":    {places, message("хабар"), PlaceAsked, 0, "", wordsManyPlaces},
		"subscribe, danger":   {places, message("На Ленина оборвало провод, искрит, дети рядом!"), Problem, 0, "", ""},
		"subscribe, photo":    {places, with("Вот", "photo"), Problem, 0, "", ""},
		"subscribe, fire":     {places, message("Пожар на Ленина 5"), Problem, 0, "", ""},
		"subscribe, fell":     {places, tells("человек упал"), Problem, 0, "", ""},
		"subscribe, too late": {placesBefore, message("Хабаровск"), Problem, 0, "", ""},
		"subscribe, unsolved": {with1(places, dialogCase(domain.Satisfaction)), message("Не решено"), Objection, 7, domain.DeedObject, ""},
		"subscribe, asked":    {with1(places, askedLater), message("Дом 5"), Answer, 7, "", ""},
		"subscribe, none":     {places, message("Москва"), PlaceAsked, 0, "", wordsNoPlace},
		"group":               {agreed(), &domain.Post{Text: "всем привет", Private: &domain.Private{Group: true}}, Group, 0, "", wordsGroup},
		"blocked":             {agreed(), &domain.Post{Private: &domain.Private{Event: domain.DialogStopped}}, Stopped, 0, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := bot().Hear(now(), c.dialog, c.post)
			takes := c.reason == Problem || c.reason == Answer || c.reason == Objection || c.reason == Addition
			if got.Reason != c.reason || got.Into != c.into || got.Take != takes || deed1(got) != c.deed || said1(got) != c.words {
				t.Fatalf("got %+v", got)
			}
		})
	}
}

// People have words of their own for commands; complaints that sound like them stay
// complaints.
func TestCommandsInOwnWords(t *testing.T) {
	for text, want := range map[string]string{
		"отзываю согласие": pressWithdraw, "Отозвать": pressWithdraw, "Отзываю своё согласие на обработку персональных данных": pressWithdraw,
		"не пишите мне больше": pressWithdraw, "Больше не пишите": pressWithdraw, "стоп": pressWithdraw, "/stop": pressWithdraw, "СТОП!": pressWithdraw,
		"удали мои данные": pressErase, "Удалите все мои данные": pressErase, "Прошу удалить мои персональные данные": pressErase, "Удалите меня из базы": pressErase,
		"отписка": pressUnsub, "Хочу отписаться": pressUnsub,
		"когда ответят?": pressStatus, "Где ответ?": pressStatus, "Статус 27-2026-000009": pressStatus, "Ну и где ответ": pressStatus, "Что с моим сообщением?": pressStatus,
		"Когда будет ответ на моё обращение?": pressStatus,
		"удалите данные о долге":              "", "Уберите остановку стоп": "", "Не пишут показания счётчика": "", "Когда ответят за яму на Ленина?": "",
		"Где ответ по мусору на Пушкина": "", "Отозвали автобус с маршрута": "", "Отписка от администрации": "", "Не решено": "", "": "", "Дом 5": "", "27-2026-000009": "",
		"Удалите аварийное дерево": "", "Водитель стоп не включает": "", "данные": "",
	} {
		if got, _ := typed(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for _, text := range []string{"стоп", "удали мои данные"} { // never at once
		if got := bot().Hear(now(), agreed(), message(text)); len(got.Deeds) > 0 || len(got.Say) != 1 || len(got.Say[0].Buttons) == 0 {
			t.Errorf("%q: %+v", text, got)
		}
	}
	if got := bot().Hear(now(), agreed(dialogCase(domain.Satisfaction)), message("Отписка")); got.Reason == Command {
		t.Errorf("an empty answer was taken for a command: %+v", got)
	}
}

func TestUnsubscribingFromMany(t *testing.T) {
	b := bot()
	d := agreed()
	for i := range 7 {
		id := fmt.Sprint("m", i)
		b.facts.Municipalities = append(b.facts.Municipalities, Municipality{ID: id, Name: "округ " + id})
		d.Subscribed = append(d.Subscribed, id)
	}
	first := b.Hear(now(), d, message("отписаться")).Say[0].Buttons
	more := first[len(first)-1][0]
	if len(first) != maxPlaces+1 || more.Label != labelMore {
		t.Fatalf("%+v", first)
	}
	second := b.Hear(now(), d, press(more.Press)).Say[0].Buttons
	if len(second) != 2 || second[1][0].Press != pressUnsubOf+"m6" {
		t.Errorf("%+v", second)
	}
}

// A number that is written says which of several cases is meant.
func TestANumberNamesTheCase(t *testing.T) {
	one, two := dialogCase(domain.Satisfaction), dialogCase(domain.Satisfaction)
	two.ID, two.Number = 8, "27-2026-000008"
	if got := bot().Hear(now(), agreed(one, two), message("Не решено по 27-2026-000008")); got.Reason != Objection || got.Into != 8 {
		t.Errorf("objection: %+v", got)
	}
	for _, c := range []*domain.DialogCase{&one, &two} {
		c.State, c.Question, c.AskedAt = domain.Clarifying, "Какой дом?", now().Add(time.Duration(c.ID)*time.Minute-time.Hour)
	}
	if got := bot().Hear(now(), agreed(one, two), message("По сообщению № 27-2026-000007: дом 12")); got.Reason != Answer || got.Into != 7 {
		t.Errorf("answer: %+v", got)
	}
	if got := bot().Hear(now(), agreed(one, two), message("дом 12")); got.Into != 8 {
		t.Errorf("without a number: %+v", got)
	}
}

// tells is a message in which the machine finds a problem.
func tells(text string) *domain.Post {
	m := message(text)
	m.Private.Tells = true
	return m
}

func with1(d domain.Dialog, c domain.DialogCase) domain.Dialog {
	d.Cases = []domain.DialogCase{c}
	return d
}

func TestFloodIsToldOnce(t *testing.T) {
	b, d := bot(), agreed()
	told, taken := 0, 0
	for i := range 100 {
		turn := b.Hear(now().Add(time.Duration(i)*10*time.Millisecond), d, message("Нет воды на Ленина, 5"))
		d = turn.Dialog
		if turn.Take {
			taken++
		}
		told += len(turn.Say)
	}
	if told != 1 || taken != perMinute {
		t.Errorf("told %d times, took %d", told, taken)
	}
	if later := b.Hear(now().Add(2*time.Minute), d, message("Нет воды на Ленина, 5")); !later.Take {
		t.Errorf("not heard after the minute: %+v", later)
	}
}

func TestHourlyLimit(t *testing.T) {
	b, d := bot(), agreed()
	taken, told := 0, 0
	for i := range 50 {
		turn := b.Hear(now().Add(time.Duration(i)*time.Minute), d, message("Нет воды на Ленина, 5"))
		d = turn.Dialog
		if turn.Take {
			taken++
		}
		told += len(turn.Say)
	}
	if taken != perHour || told != 1 {
		t.Errorf("took %d, told %d", taken, told)
	}
}

func TestNothingPromisedBeforeABodyAccepts(t *testing.T) {
	for _, s := range []domain.State{domain.Found, domain.Moderation, domain.Coordination, domain.Returned, domain.Reopened} {
		words := bot().facts.status([]domain.DialogCase{dialogCase(s)}).Text
		if strings.Contains(words, "2026-12") || strings.Contains(words, "09.12") || strings.Contains(words, "zhkh") {
			t.Errorf("%s: %q", s, words)
		}
	}
	got := bot().Receipt(now(), agreed(), domain.Receipt{Reason: Problem, Number: "27-2026-000007", Action: domain.ActionOpen})
	if len(got) != 1 || !strings.Contains(got[0].Text, "27-2026-000007") || strings.Contains(got[0].Text, "09.12") {
		t.Errorf("receipt: %+v", got)
	}
}

func TestTell(t *testing.T) {
	asked := dialogCase(domain.Clarifying)
	asked.Question, asked.QuestionID, asked.DueAnswer = "Какой дом?", 3, now().Add(48*time.Hour)
	soon := asked
	soon.DueAnswer = now().Add(2 * time.Hour)
	silent, vague, rejected := dialogCase(domain.Done), dialogCase(domain.Rejected), dialogCase(domain.Rejected)
	silent.Closing, vague.Closing, rejected.Closing = domain.AuthorSilent, domain.NoDetails, domain.NotAProblem
	for name, c := range map[string]struct {
		c     domain.DialogCase
		told  domain.Told
		begin string // of the words; "" for none
	}{
		"accepted":        {dialogCase(domain.Execution), domain.Told{}, "Сообщение № 27-2026-000007 принято в работу: орган zhkh. Ответ — до 09.12.2026"},
		"accepted before": {dialogCase(domain.Execution), domain.Told{Accepted: 1}, ""},
		"coordination":    {dialogCase(domain.Coordination), domain.Told{}, ""},
		"question":        {asked, domain.Told{Accepted: 1}, "По сообщению № 27-2026-000007 нужно уточнение:\n\nКакой дом?"},
		"question, told":  {asked, domain.Told{Question: 3}, ""},
		"reminder":        {soon, domain.Told{Question: 3}, "Напоминаем"},
		"reminded":        {soon, domain.Told{Question: 3, Reminded: 3}, ""},
		"survey":          {dialogCase(domain.Satisfaction), domain.Told{}, "По сообщению № 27-2026-000007 дан ответ"},
		"surveyed":        {dialogCase(domain.Satisfaction), domain.Told{Surveyed: 1}, ""},
		"silent":          {silent, domain.Told{}, "Сообщение № 27-2026-000007 закрыто: оценки не было"},
		"no answer":       {vague, domain.Told{}, "Сообщение № 27-2026-000007 отклонено: без уточнения"},
		"rejected":        {rejected, domain.Told{}, "Сообщение № 27-2026-000007 рассмотрено"},
	} {
		t.Run(name, func(t *testing.T) {
			words, told, _ := bot().Tell(now(), c.c, c.told)
			switch {
			case c.begin == "" && len(words) > 0:
				t.Fatalf("said %+v", words)
			case c.begin == "":
				return
			case len(words) != 1 || !strings.HasPrefix(words[0].Text, c.begin):
				t.Fatalf("said %+v", words)
			}
			if again, _, _ := bot().Tell(now(), c.c, told); len(again) > 0 && name != "question" {
				t.Errorf("said twice: %+v", again)
			}
		})
	}
}

// «Решено» may be said in words, where they say nothing else and it is plain of what.
func TestThanksInWordsAreSolved(t *testing.T) {
	one, two := dialogCase(domain.Satisfaction), dialogCase(domain.Satisfaction)
	two.ID, two.Number = 8, "27-2026-000008"
	for text, want := range map[string]bool{
		"Спасибо, всё сделали": true, "Да, решено, благодарю!": true, "Проблема решена": true,
		"Спасибо": false, "Спасибо, но ничего не сделали": false, "Спасибо, ждём": false, "Спасибо, а когда сделают?": false, "Спасибо за отписку, опять яма": false,
	} {
		got := bot().Hear(now(), agreed(one), message(text))
		if is := len(got.Deeds) == 1 && got.Deeds[0].Kind == domain.DeedSatisfied && got.Deeds[0].CaseID == one.ID && !got.Take; is != want {
			t.Errorf("%q: %+v", text, got)
		}
	}
	done := one
	done.Solved = true
	for name, d := range map[string]domain.Dialog{"of two": agreed(one, two), "of none": agreed(), "already rated": agreed(done), "in work": agreed(dialogCase(domain.Execution))} {
		if got := bot().Hear(now(), d, message("Спасибо, всё сделали")); len(got.Deeds) != 0 {
			t.Errorf("%s: %+v", name, got.Deeds)
		}
	}
	if got := bot().Hear(now(), agreed(one), tells("Спасибо, всё сделали")); len(got.Deeds) != 0 {
		t.Errorf("with a problem beside: %+v", got.Deeds)
	}
}
