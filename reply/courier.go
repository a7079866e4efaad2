package reply

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/telegram"
	"github.com/otklik/otklik/platform/vk"
)

// Courier brings one delivery to its platform and returns the platform's id of
// the message. An error with ErrUnclear in its chain may have been sent.
type Courier interface {
	Send(ctx context.Context, d domain.Delivery) (message string, err error)
}

// VK is what the courier of VK calls, as one community.
type VK interface {
	CreateComment(ctx context.Context, m vk.CommentToSend) (int64, error)
	SendMessage(ctx context.Context, m vk.MessageToSend) (int64, error)
}

// VKCourier comments under posts and writes in dialogs. Every try carries the same
// guid or random_id, so a repeat is answered with the first one's id.
type VKCourier struct {
	// Client gives the client that has the token of the delivery's account.
	Client func(ctx context.Context, d domain.Delivery) (VK, error)
}

// Send implements Courier.
func (c VKCourier) Send(ctx context.Context, d domain.Delivery) (string, error) {
	group, err := strconv.ParseInt(d.Account, 10, 64)
	if err != nil {
		return "", unfit(d, "номер сообщества — не число")
	}
	client, err := c.Client(ctx, d)
	if err != nil {
		return "", err
	}
	var id int64
	if d.Way != domain.WayPublic {
		peer, err := vkPeer(d.To)
		if err != nil {
			return "", unfit(d, whyUnfit)
		}
		keyboard, err := vk.Keyboard(d.Buttons)
		if err != nil {
			return "", unfit(d, "the buttons do not fit")
		}
		id, err = client.SendMessage(ctx, vk.MessageToSend{Group: group, Peer: peer, Text: d.Text, RandomID: d.RandomID, Keyboard: keyboard})
		if err != nil {
			return "", err
		}
	} else {
		m := vk.CommentToSend{Group: group, Text: d.Text, GUID: d.GUID}
		if m.Post, m.ReplyTo, err = vkComment(d.To); err != nil {
			return "", unfit(d, whyUnfit)
		}
		if id, err = client.CreateComment(ctx, m); err != nil {
			return "", err
		}
	}
	return strconv.FormatInt(id, 10), nil
}

func vkPeer(id domain.PostID) (int64, error) {
	peer, _, _ := id.Dialog()
	return strconv.ParseInt(peer, 10, 64)
}

func vkComment(id domain.PostID) (vk.PostRef, int64, error) {
	owner, errOwner := strconv.ParseInt(id.Owner, 10, 64)
	post, errPost := strconv.ParseInt(id.Post, 10, 64)
	comment, errComment := int64(0), error(nil)
	if id.IsComment() {
		comment, errComment = strconv.ParseInt(id.Comment, 10, 64)
	}
	return vk.PostRef{Owner: owner, Post: post}, comment, errors.Join(errOwner, errPost, errComment)
}

// unfit is a delivery that no platform could take: ours to mend. It is named by its
// number: the address of a dialog says who it is with, and errors are logged.
func unfit(d domain.Delivery, why string) error {
	return &domain.PlatformError{Platform: d.Platform, Method: "reply", Reaction: domain.ReportBug,
		Words: fmt.Sprintf("адрес ответа не подходит площадке (доставка %d)", d.ID), Err: errors.New(why)}
}

// whyUnfit is all that is said of an address that cannot be read.
const whyUnfit = "the address names nothing on its platform"

// Telegram is what the courier of Telegram calls, as one bot.
type Telegram interface {
	SendMessage(ctx context.Context, s telegram.Send) (int, error)
	EditMessageText(ctx context.Context, chat int64, message int, text string) error
}

// TelegramCourier answers in groups and private chats. Telegram has no key and
// no way to look back: what is unclear stays so.
type TelegramCourier struct {
	Client func(ctx context.Context, d domain.Delivery) (Telegram, error)
}

// Send implements Courier.
func (c TelegramCourier) Send(ctx context.Context, d domain.Delivery) (string, error) {
	chat, message, err := telegram.Address(d.To)
	if err != nil {
		return "", unfit(d, whyUnfit)
	}
	client, err := c.Client(ctx, d)
	if err != nil {
		return "", err
	}
	if d.Edits != "" {
		return d.Edits, c.edit(ctx, client, chat, d)
	}
	// In a dialog there is nobody else to mistake it for: a deleted question does
	// not stop the answer. In a group it must stand under its question.
	send := telegram.Send{Chat: chat, Text: d.Text, ReplyTo: message, Orphan: d.Way != domain.WayPublic, Buttons: buttons(d.Buttons, telegramButton)}
	id, err := client.SendMessage(ctx, send)
	var moved *telegram.MigratedError
	if errors.As(err, &moved) && moved.To != 0 {
		// The group is a supergroup now and nothing was sent. Numbers of messages begin
		// anew there: the answer stands by itself.
		send.Chat, send.ReplyTo = moved.To, 0
		id, err = client.SendMessage(ctx, send)
	}
	if errors.Is(err, telegram.ErrUnclear) {
		return "", fmt.Errorf("%w: %w", ErrUnclear, err)
	}
	if err != nil {
		return "", err
	}
	return strconv.Itoa(id), nil
}

// edit puts other words in the place of those that were said. To repeat it is
// harmless, and a message that reads so already is as it should be.
func (c TelegramCourier) edit(ctx context.Context, client Telegram, chat int64, d domain.Delivery) error {
	message, err := strconv.Atoi(d.Edits)
	if err != nil {
		return unfit(d, "номер исправляемого сообщения — не число")
	}
	err = client.EditMessageText(ctx, chat, message, d.Text)
	var pe *domain.PlatformError
	if !errors.As(err, &pe) || pe.Reaction != domain.NeverRepeat {
		return err
	}
	switch said := strings.ToLower(pe.Error()); {
	case strings.Contains(said, "message is not modified"):
		return nil
	case strings.Contains(said, "message to edit not found"):
		return fmt.Errorf("%w: %w", ErrGone, err)
	}
	return err
}

func telegramButton(b domain.Button) telegram.Button {
	return telegram.Button{Text: b.Label, Data: b.Press, URL: b.URL}
}

// buttons are rows of buttons as a platform has them.
func buttons[T any](rows [][]domain.Button, as func(domain.Button) T) [][]T {
	var out [][]T
	for _, row := range rows {
		var keys []T
		for _, b := range row {
			keys = append(keys, as(b))
		}
		out = append(out, keys)
	}
	return out
}
