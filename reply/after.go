package reply

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/vk"
)

// Bounds of trying again.
const (
	firstWait   = 5 * time.Second
	longestWait = time.Hour
	maxTries    = 12 // about six hours of faults; then a person
	maxSlow     = 100
	captchaWait = time.Hour
	floodWait   = 30 * time.Minute
	// A platform may still carry out what it took before the line broke: a look
	// before that is over would find nothing and say the words twice.
	settleWait = 30 * time.Second
)

// ErrUnclear marks a send that may have happened. Couriers wrap it.
var ErrUnclear = errors.New("unclear whether it was sent")

// ErrGone marks an edit of a message that is there no more. Couriers wrap it.
var ErrGone = errors.New("the message to edit is gone")

// ErrAccountBroken: the account was found dead before; nothing was sent.
var ErrAccountBroken = errors.New("the account cannot speak")

// After is the reaction to how a try went: pure but for the jitter, which is
// handed in as a number from 0 to 1. message is the platform's id of what was sent.
func After(d domain.Delivery, message string, err error, jitter float64) domain.DeliveryEnd {
	end := domain.DeliveryEnd{ID: d.ID, Attempt: d.Attempt}
	if err == nil {
		end.State, end.Message, end.Reason = domain.Delivered, message, "sent"
		return end
	}
	var pe *domain.PlatformError
	known := errors.As(err, &pe)
	if known {
		end.Code, end.Words = pe.Code, pe.Words
	}
	// Only what a platform says itself, or an account found dead before, proves that
	// nothing was sent; a passing fault is no such word.
	end.Perhaps = errors.Is(err, ErrUnclear) || !known || pe.Reaction == domain.RetryLater
	end.Gone = d.Edits != "" && errors.Is(err, ErrGone)
	switch {
	case errors.Is(err, ErrUnclear) && !d.Repeatable:
		return failed(end, domain.DeliveryUnclear, "unclear",
			"неизвестно, дошло ли сообщение: площадка не подтвердила отправку. Посмотрите на площадке, прежде чем отправлять ещё раз")
	case errors.Is(err, ErrUnclear):
		if end.Words == "" {
			end.Words = "площадка не подтвердила отправку: посмотрим и повторим"
		}
		end = again(d, end, "look_and_repeat", settleWait, jitter, maxTries)
	case !known:
		end.Words = "отправка не удалась: " + briefly(err)
		end = again(d, end, "our_fault", 0, jitter, maxTries)
	default:
		end = react(d, end, pe, jitter)
	}
	return end
}

// react follows the platform's table of reactions.
func react(d domain.Delivery, end domain.DeliveryEnd, pe *domain.PlatformError, jitter float64) domain.DeliveryEnd {
	switch pe.Reaction {
	case domain.SlowDown:
		return again(d, end, "slow_down", pe.RetryAfter, jitter, maxSlow)
	case domain.RetryLater:
		return again(d, end, "retry_later", pe.RetryAfter, jitter, maxTries)
	case domain.ParkToday:
		end = again(d, end, "park_today", max(pe.RetryAfter, longestWait), 0, maxSlow)
		end.PauseFor = end.Wait
		return end
	case domain.CloseSource:
		end.Blocked = true
		return failed(end, domain.DeliveryFailed, "closed", pe.Words)
	case domain.NeverRepeat:
		end.Blocked = takesNoMessages(pe)
		if isFlood(pe) { // the same again brings a longer ban: what else the community says there waits
			end.PauseFor, end.PauseWay = floodWait, true
		}
		return failed(end, domain.DeliveryFailed, "never_repeat", pe.Words)
	case domain.AskPerson:
		if isCaptcha(pe) { // a person follows the link; the account writes nothing meanwhile
			end = again(d, end, domain.ReasonCaptcha, captchaWait, 0, maxSlow)
			end.PauseFor = captchaWait
			return end
		}
		if deadToken(pe) {
			end.Broken = pe.Words
		}
		end.Another = end.Broken != "" || errors.Is(pe, ErrAccountBroken)
		return failed(end, domain.DeliveryFailed, "ask_person", pe.Words)
	}
	return failed(end, domain.DeliveryFailed, "our_request", pe.Words)
}

// deadToken: the account cannot speak until somebody gives it another token.
func deadToken(pe *domain.PlatformError) bool {
	if pe.Platform == domain.VK {
		return vk.DeadToken(pe.Code)
	}
	return pe.Code == http.StatusUnauthorized
}

// takesNoMessages: VK's errors of a person who takes no messages from us (901 «cannot
// send messages for users without permission», 902 of their privacy).
func takesNoMessages(pe *domain.PlatformError) bool {
	return pe.Platform == domain.VK && (pe.Code == 901 || pe.Code == 902)
}

// isFlood is VK's error 9: too much of the same, which stops the community and not one
// answer.
func isFlood(pe *domain.PlatformError) bool { return pe.Platform == domain.VK && pe.Code == 9 }

// isCaptcha is VK's error 14: «я не робот», never answered by a machine.
func isCaptcha(pe *domain.PlatformError) bool { return pe.Platform == domain.VK && pe.Code == 14 }

func failed(end domain.DeliveryEnd, state domain.DeliveryState, reason, words string) domain.DeliveryEnd {
	end.State, end.Reason, end.Words = state, reason, words
	return end
}

// again waits what the platform asked for, or longer each time.
func again(d domain.Delivery, end domain.DeliveryEnd, reason string, asked time.Duration, jitter float64, most int) domain.DeliveryEnd {
	if d.Tries >= most {
		return failed(end, domain.DeliveryFailed, "gave_up", fmt.Sprintf("не удалось за %d попыток. %s", d.Tries, end.Words))
	}
	wait := min(firstWait<<min(d.Tries-1, 10), longestWait)
	wait += time.Duration(jitter * float64(wait) / 2)
	end.State, end.Reason, end.Wait = domain.DeliveryWaiting, reason, max(wait, asked)
	return end
}

// briefly words a fault that no platform named, without what may hold a token.
func briefly(err error) string {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "площадка не ответила вовремя"
	case errors.Is(err, context.Canceled):
		return "процесс останавливался"
	case errors.Is(err, domain.ErrUnavailable):
		return "база недоступна"
	}
	return "внутренняя ошибка, она в журнале процесса"
}

func jitter() float64 { return rand.Float64() }
