package packs

import (
	"fmt"

	"github.com/otklik/otklik/domain"
)

func kindWords(v domain.Verdict) string {
	switch {
	case v.Kind == domain.Problem && v.Urgent:
		return "проблема, срочно"
	case v.Kind == domain.Problem:
		return "проблема"
	case v.Kind == domain.Thanks:
		return "благодарность"
	}
	return "не обращение"
}

func rowWords(row int, category, subcategory string) string {
	switch {
	case row > 0:
		return fmt.Sprintf("стр. %d %s / %s", row, category, subcategory)
	case category != "":
		return "обычный порядок: " + category
	}
	return ""
}

// Why a dry run no longer holds.
const (
	staleOld     = "Пробный прогон старше суток: примеры и сообщения с тех пор другие. Прогоните ещё раз."
	staleTrained = "После пробного прогона модель уже обучали. Прогоните ещё раз."
	stalePack    = "После пробного прогона сменились правила. Прогоните ещё раз."
)
