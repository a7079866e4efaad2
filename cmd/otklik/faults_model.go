package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/classify/model"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/worker"
)

// wordsKinds are the labels of a model of kinds.
const wordsKinds = "виды сообщений — problem, thanks, other"

// modelFault words what is wrong with a model or with what it shall learn; another
// fault stays as it is.
func modelFault(err error) error {
	if words := modelWords(err); words != "" {
		return worded{words, err}
	}
	return err
}

// modelFaultOf is modelFault with the file or version at fault before it.
func modelFaultOf(name string, err error) error {
	if words := modelWords(err); words != "" {
		return worded{name + ": " + words, err}
	}
	return fmt.Errorf("%s: %w", name, err)
}

// modelWords is "" for a fault that is none of a model.
func modelWords(err error) string {
	if err == nil {
		return ""
	}
	for _, f := range []struct {
		is    error
		words string
	}{
		{model.ErrNotModel, "это не файл модели «Отклика»"},
		{model.ErrOtherFormat, "модель другой версии программы: обучите её заново. " + details(err)},
		{model.ErrBrokenModel, "файл модели повреждён: скопируйте его заново или обучите модель ещё раз. " + details(err)},
		{model.ErrNoHints, "модель училась с подсказками пакета, а их нет: назовите пакет ключом --region"},
		{model.ErrOtherPlaces, "модель училась местам другого региона: назовите его пакет ключом --region или обучите её заново. " + details(err)},
		{model.ErrNoExamples, "нет ни одного примера с текстом и меткой"},
		{model.ErrOneLabel, "у всех примеров одна метка: различать нечего"},
		{model.ErrTooManyLabels, "меток слишком много для стольких текстов: модель не поместится в файл. Выберите столбец с меньшим числом меток. " + details(err)},
		{classify.ErrUnknownRow, "модель училась строкам другого перечня. " + details(err)},
		{classify.ErrOtherRow, "модель училась строкам другого перечня: под тем же номером стоит другое. Обучите её заново рядом с этим пакетом. " + details(err)},
		{classify.ErrUnknownKind, wordsKinds + "; модель училась другим. " + details(err)},
		{classify.ErrOtherColumn, "модель училась другому столбцу: рядом с фразами стоят модели строк перечня (row, …_rows) и видов (kind). " + details(err)},
		{worker.ErrBadModel, "в базе под именем этой версии другой файл: обучите модель заново. " + details(err)},
	} {
		if errors.Is(err, f.is) {
			return f.words
		}
	}
	return ""
}

// storedModelFault words why a version cannot be read.
func storedModelFault(ref domain.ModelRef, err error) error {
	name := "модель «" + ref.Label + "» " + shortSum(ref.Hash)
	if errors.Is(err, domain.ErrNotFound) {
		return worded{name + ": её файла в базе нет", err}
	}
	return modelFaultOf(name, err)
}

// warnStrange says that a model judges beside another pack than it has learned with.
func warnStrange(w io.Writer, name string, m *model.Model, beside model.Pack) {
	if words := strangeWords(m, beside); words != "" {
		fmt.Fprintf(w, "%s: %s\n", name, words)
	}
}

// strangeWords tell the two packs, "" when they are one.
func strangeWords(m *model.Model, beside model.Pack) string {
	learned, strange := m.Strange(beside)
	if !strange {
		return ""
	}
	return fmt.Sprintf("училась с подсказками пакета «%s» %s, а судит рядом с «%s» %s: чем больше они разошлись, тем хуже; обучите её заново",
		learned.Region, shortSum(learned.Hash), beside.Region, shortSum(beside.Hash))
}

func shortSum(hash string) string { return hash[:min(12, len(hash))] }
