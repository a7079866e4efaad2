package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/classify/model"
)

// labelled are the columns of a table a model is learned from or scored on.
type labelled struct {
	In           string `required:"" help:"Таблица CSV с размеченными текстами."`
	Text         string `required:"" help:"Столбец с текстом."`
	Label        string `required:"" help:"Столбец с меткой."`
	Skip         string `help:"Строки с этой меткой пропустить (например «?»)."`
	Alternatives string `help:"Чем разделены метки, если верны несколько (например «|»)."`
}

// hinting names the pack whose phrases tell a model what they see in a text.
type hinting struct {
	Region string `default:"khabarovsk" help:"Пакет, фразы которого подсказывают модели: имя встроенного или папка. «-» — учиться без подсказок."`
}

// hints compiles the pack; none for «-».
func (h hinting) hints(p *program) (model.Hinter, error) {
	if h.Region == "-" {
		return nil, nil
	}
	pack, err := p.pack(h.Region)
	if err != nil {
		return nil, err
	}
	c, err := classify.Compile(pack, classify.Options{School: p.school})
	if err != nil {
		return nil, explainFaults(p, err)
	}
	return classify.HintsOf(c), nil
}

type trainCmd struct {
	In           string `help:"Таблица CSV с размеченными текстами."`
	Text         string `help:"Столбец с текстом."`
	Label        string `required:"" help:"Столбец с меткой; с --from-db: row, kind, topic, agency, incident_topic, incident_group."`
	Skip         string `help:"Строки с этой меткой пропустить (например «?»)."`
	Alternatives string `help:"Чем разделены метки, если верны несколько (например «|»)."`
	Region       string `help:"Пакет, фразы которого подсказывают модели: имя встроенного или папка, без него khabarovsk. «-» — учиться без подсказок. С --from-db — регион."`
	With         string `help:"Столбец более мелких меток, из которых складываются метки (темы категории): модель учится и им. Без ключа программа ищет такой столбец сама; «-» — учиться без него."`
	Places       bool   `negatable:"" default:"true" help:"Пробовать места, которые находит пакет, и оставить их, если с ними верно чаще: они говорят об исполнителе. Строкам и видам их не пробуют."`
	Out          string `help:"Куда записать модель."`
	Seed         uint64 `default:"1" help:"Зерно случайности: с тем же зерном и примерами выходит та же модель."`

	FromDB bool   `name:"from-db" help:"Учиться по базе региона: исправления и решения людей, загруженные выгрузки."`
	Map    string `help:"Таблица соответствий выгрузки и пакета: столбцы «Тема», «Группа тем», «Исполнитель» или «Отдел» и столбец с именем метки. Регион её помнит: без ключа учится по сохранённой, «-» — без неё, и она забывается."`
	DryRun bool   `name:"dry-run" help:"С --from-db: не сохранять модель, а показать, какие сообщения она судила бы иначе."`
	dryRunFlags
	judgingFlags
	By    string `default:"командная строка" help:"Кто обучает (в журнал)."`
	Task  int64  `hidden:"" help:"Обучение, которое уже заказано: так serve запускает его отдельным процессом."`
	Epoch int64  `hidden:"" help:"Которое взятие заказа это."`
}

// Help is shown under --help.
func (trainCmd) Help() string {
	return "Модель помнит имя столбца: «row» и «…_rows» — строки перечня («-» — обычный порядок), «kind» — виды сообщений.\n" +
		"Точность и уверенность измеряются на частях таблицы, которых при обучении не было. Таблица читается в UTF-8, UTF-16 и Windows-1251.\n" +
		"С --from-db новая модель вводится в действие, если на отложенной пятой части примеров (её не учит ни одна модель) верна чаще действующей\n" +
		"и ни одна метка не потеряла больше --margin; иначе остаётся отложенной, с причиной."
}

// Run implements the command.
func (c trainCmd) Run(p *program) error {
	if c.FromDB {
		return c.fromDB(p)
	}
	for flag, missing := range map[string]bool{"--in": c.In == "", "--text": c.Text == "", "--out": c.Out == ""} {
		if missing {
			return fmt.Errorf("нужен ключ %s: таблица — --in, столбец текста — --text, файл модели — --out; по базе региона — --from-db", flag)
		}
	}
	if c.DryRun || c.Map != "" || c.Force {
		return errors.New("--dry-run, --map и --force бывают только с --from-db")
	}
	table := labelled{In: c.In, Text: c.Text, Label: c.Label, Skip: c.Skip, Alternatives: c.Alternatives}
	examples, finer, skipped, err := table.readWith(c.With)
	if err != nil {
		return err
	}
	if finer != "" {
		fmt.Fprintf(p.stderr, "метки складываются из меток столбца «%s»: модель учится и им (--with - учит без него)\n", finer)
	}
	fmt.Fprintf(p.stderr, "примеров %d, пропущено строк %d (%s)\n", len(examples), skipped.sum(), skipped.words(c.Skip))
	hints, err := hinting{cmp.Or(c.Region, "khabarovsk")}.hints(p)
	if err != nil {
		return err
	}
	meaning, err := c.meaning(p, examples)
	if err != nil {
		return err
	}
	if err := writable(c.Out); err != nil {
		return err
	}
	m, err := model.Train(p.ctx, examples, model.Options{Column: c.Label, Finer: finer, Seed: c.Seed, Hints: hints, Meaning: meaning,
		Places: c.Places && !classify.JudgesBeside(c.Label), Progress: progressTo(p.stderr)})
	if err != nil {
		return trainFault(table, err)
	}
	if err := writeWhole(c.Out, m.Write); err != nil {
		return fmt.Errorf("записать модель: %w", err)
	}
	printHead(p.stdout, m)
	fmt.Fprintln(p.stdout, "модель записана:", c.Out)
	return nil
}

// trainFault words what a table lacks.
func trainFault(c labelled, err error) error {
	switch {
	case errors.Is(err, model.ErrNoExamples):
		return fmt.Errorf("в таблице %s нет ни одной строки с текстом в столбце %s и меткой в столбце %s", c.In, c.Text, c.Label)
	case errors.Is(err, model.ErrOneLabel):
		return fmt.Errorf("все метки в столбце %s одинаковы: различать нечего", c.Label)
	case errors.Is(err, context.Canceled):
		return errors.New("прервано")
	}
	return modelFault(err)
}

// left counts the rows that teach nothing.
type left struct{ noText, noLabel, asked int }

func (l left) sum() int { return l.noText + l.noLabel + l.asked }

// words say why; of the label to skip only where one was named.
func (l left) words(skip string) string {
	words := fmt.Sprintf("без текста %d, без метки %d", l.noText, l.noLabel)
	if skip != "" {
		words += fmt.Sprintf(", с меткой «%s» %d", skip, l.asked)
	}
	return words
}

// labels are those of a cell, each once, without the one to skip.
func (c labelled) labels(cell string) []string {
	parts := []string{cell}
	if c.Alternatives != "" {
		parts = strings.Split(cell, c.Alternatives)
	}
	var list []string
	for _, part := range parts {
		if part = strings.TrimSpace(part); part != "" && part != c.Skip && !slices.Contains(list, part) {
			list = append(list, part)
		}
	}
	return list
}

// progressTo shows how far a training is: a line every twentieth.
func progressTo(w io.Writer) func(done, all int) {
	const width = 20
	told := 0
	return func(done, all int) {
		if full := width * done / max(1, all); full > told {
			told = full
			fmt.Fprintf(w, "обучение [%s%s] %d %%\n", strings.Repeat("#", full), strings.Repeat(".", width-full), done*100/max(1, all))
		}
	}
}

// printHead says what a model is and how good it was on what it had not seen.
func printHead(w io.Writer, m *model.Model) {
	h, r := &m.Head, m.Head.Report
	fmt.Fprintf(w, "столбец %s: примеров %d, меток %d, память %d МБ\n", h.Column, h.Examples, len(h.Labels), m.Size()>>20)
	fmt.Fprintf(w, "на непоказанных частях: верно %.3f, F1 по меткам %.3f, верная среди трёх %.3f, ошибка уверенности %.3f\n",
		r.Accuracy, r.MacroF1, r.Top3, r.CalibrationError)
	if h.Places {
		fmt.Fprintln(w, "места помогают: модель судит и по муниципалитету, населённому пункту и улице")
	}
	if r.Sure > 0 {
		fmt.Fprintf(w, "с верностью 95 %% без человека: при уверенности от %.2f; на частях, которые её не выбирали, доля %.2f, верно %.3f\n", r.SureFrom, r.Sure, r.SureRight)
	} else {
		fmt.Fprintln(w, "с верностью 95 % без человека: ни при какой уверенности")
	}
	if rare := rareLabels(h); rare != "" {
		fmt.Fprintln(w, "меток с одним примером, их модель почти не знает:", rare)
	}
}

// rareLabels names some labels seen once.
func rareLabels(h *model.Head) string {
	const shown = 5
	var rare []string
	for i, n := range h.Counts {
		if n == 1 {
			rare = append(rare, "«"+h.Labels[i]+"»")
		}
	}
	if len(rare) <= shown {
		return strings.Join(rare, ", ")
	}
	return fmt.Sprintf("%s и ещё %d", strings.Join(rare[:shown], ", "), len(rare)-shown)
}

// writeWhole writes a file that is either whole or not there.
func writeWhole(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone when all went well
	err = write(f)
	if err = cmp.Or(err, f.Chmod(0o644), f.Sync()); err != nil {
		_ = f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
