package page

import (
	"context"
	"errors"
	"net/http"

	"github.com/otklik/otklik/domain"
)

// trouble is an error page: what happened, and what to do next.
type trouble struct {
	Status int
	Title  string
	Words  string
	Next   string // what to do
	Retry  bool   // «Обновить» makes sense
	Back   string // where to go
	Start  bool
}

// fail makes the page of an error. What the reader need not know goes to the log.
func (k *Kit) fail(r *Request, err error) {
	t := troubleOf(err)
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // the reader has left
	}
	if t.Status >= http.StatusInternalServerError {
		r.Log.Error("page failed", "path", r.URL.Path, "err", err)
	} else {
		r.Log.Debug("page refused", "path", r.URL.Path, "status", t.Status, "err", err)
	}
	t.Start = r.User.ID != 0
	if t.Status == http.StatusServiceUnavailable {
		r.W.Header().Set("Retry-After", "10")
	}
	if r.Header.Get("HX-Request") == "true" {
		err = k.errors.fragmentStatus(r.W, t.Status, "error", "words", t)
	} else {
		err = k.errors.show(r, t.Status, "error", t)
	}
	if err != nil {
		r.Log.Error("show the error page", "err", err)
		http.Error(r.W, t.Title+". "+t.Next, t.Status)
	}
}

func troubleOf(err error) trouble {
	var words refused
	var bad BadInput
	var no domain.Refusal
	said := errors.As(err, &words)
	var t trouble
	switch {
	case errors.As(err, &bad):
		t = trouble{Status: http.StatusUnprocessableEntity, Title: "Форма заполнена с ошибкой", Words: bad.Words,
			Next: "Вернитесь назад и поправьте: введённое осталось в форме."}
	case errors.As(err, &no):
		t = trouble{Status: http.StatusConflict, Title: "Действие не выполнено", Words: no.Words(),
			Next: "Откройте страницу заново и решите по тому, что на ней теперь.", Retry: true}
	case errors.Is(err, domain.ErrForbidden):
		t = trouble{Status: http.StatusForbidden, Title: "Нет права на это действие",
			Next: "Откройте другую страницу из меню."}
	case errors.Is(err, domain.ErrNotFound):
		t = trouble{Status: http.StatusNotFound, Title: "Такой страницы нет",
			Next: "Проверьте адрес или найдите нужное через меню."}
	case errors.Is(err, domain.ErrStale):
		t = trouble{Status: http.StatusConflict, Title: "Пока вы смотрели, это изменилось",
			Words: "Ваше действие не выполнено: ничего чужого не переписано.", Next: "Откройте страницу заново и решите по тому, что на ней теперь.", Retry: true}
	case errors.Is(err, domain.ErrNoMove), errors.Is(err, domain.ErrNotMover):
		t = trouble{Status: http.StatusConflict, Title: "Сейчас этот шаг невозможен",
			Words: "Инцидент не на том шаге, с которого это делается.", Next: "Откройте его заново и посмотрите, что с ним стало.", Retry: true}
	case errors.Is(err, domain.ErrRefused):
		t = trouble{Status: http.StatusUnprocessableEntity, Title: "База не приняла эти данные",
			Next: "Проверьте введённое: слишком длинный текст или знаки, которых не должно быть."}
	case errors.Is(err, domain.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		t = trouble{Status: http.StatusServiceUnavailable, Title: "База данных не отвечает",
			Words: "Приём сообщений продолжится сам, когда она вернётся; сделанное раньше сохранено.",
			Next:  "Обновите страницу через несколько секунд. Если это длится больше пяти минут, сообщите администратору.", Retry: true}
	case errors.Is(err, errNoRegion):
		t = trouble{Status: http.StatusServiceUnavailable, Title: "Ваш регион здесь не обслуживается",
			Next: "Сообщите администратору: региона нет в OTKLIK_REGIONS этого сервера."}
	default:
		t = trouble{Status: http.StatusInternalServerError, Title: "Ошибка в программе",
			Words: "Она записана в журнал сервера. Данные не пострадали.",
			Next:  "Попробуйте ещё раз; если повторится, сообщите администратору, что вы делали и во сколько.", Retry: true}
	}
	if said {
		t.Words = words.words
	}
	return t
}

// forged answers a form that was sent from another site.
func (k *Kit) forged(w http.ResponseWriter, hr *http.Request) {
	r := &Request{Request: hr, W: w, Now: k.opts.Clock.Now(), Log: k.opts.Log, kit: k, section: &section{}}
	k.fail(r, Forbidden("Действие пришло с чужого сайта и не выполнено. Откройте Отклик и сделайте его там."))
}
