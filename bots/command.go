package bots

import (
	"strconv"
	"strings"

	"github.com/otklik/otklik/domain"
)

// What buttons carry. Those that end with a colon are followed by a value.
const (
	pressYes       = "yes:" // version of the consent's text
	pressNo        = "no"
	pressStart     = "start"
	pressStatus    = "status"
	pressHelp      = "help"
	pressSub       = "sub"
	pressSubTo     = "sub:" // municipality
	pressUnsub     = "unsub"
	pressUnsubOf   = "unsub:"     // municipality
	pressUnsubMore = "unsubmore:" // from which on
	pressWithdraw  = "withdraw"
	pressErase     = "erase"
	pressSure      = "sure:" // withdraw or erase
	pressCancel    = "cancel"
	pressGood      = "good:" // case:round
	pressBad       = "bad:"  // case:round
)

// typed are commands that are written instead of pressed.
func typed(text string) (press string, ok bool) {
	slash := strings.HasPrefix(strings.TrimSpace(text), "/")
	text = domain.Plain(text)
	if slash { // «/start ad5»: what a deep link carries is nothing to us
		text, _, _ = strings.Cut(text, " ")
	}
	text, _, _ = strings.Cut(text, "@") // /status@bot
	switch text {
	case "start", "начать", "старт":
		return pressStart, true
	case "status", "статус", "мои сообщения", "мои обращения":
		return pressStatus, true
	case "help", "помощь", "справка", "меню":
		return pressHelp, true
	case "subscribe", "подписаться", "подписка":
		return pressSub, true
	case "unsubscribe", "отписаться":
		return pressUnsub, true
	case "withdraw", "отозвать согласие":
		return pressWithdraw, true
	case "delete", "удалить мои данные", "удалите мои данные", "удалить данные":
		return pressErase, true
	case "cancel", "отмена":
		return pressCancel, true
	}
	press = meant(text)
	return press, press != ""
}

// agrees reports words that answer the question about consent like its buttons.
func agrees(text string) (press string, ok bool) {
	switch domain.Plain(text) {
	case "согласен", "согласна", "да, согласен", "да согласен", "да, согласна", "да согласна":
		return pressYes + ConsentVersion, true
	case "не согласен", "не согласна":
		return pressNo, true
	}
	return "", false
}

// said splits a press into its name and value.
func said(press string) (name, value string) {
	at := strings.IndexByte(press, ':')
	if at < 0 {
		return press, ""
	}
	return press[:at+1], press[at+1:]
}

// rated reads case:round; false for anything that we never wrote.
func rated(value string) (caseID int64, round int, ok bool) {
	a, b, ok := strings.Cut(value, ":")
	if !ok {
		return 0, 0, false
	}
	caseID, err1 := strconv.ParseInt(a, 10, 64)
	round, err2 := strconv.Atoi(b)
	return caseID, round, err1 == nil && err2 == nil
}

func ratePress(press string, c domain.DialogCase) string {
	return press + strconv.FormatInt(c.ID, 10) + ":" + strconv.Itoa(c.Round)
}

// Agrees reports a message that brings consent, pressed or written.
func Agrees(p *domain.Post) bool {
	press := ""
	if p.Private != nil {
		press = p.Private.Press
	}
	if press == "" {
		press, _ = agrees(p.Text)
	}
	return press == pressYes+ConsentVersion
}
