package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"regexp"
	"strings"
	"syscall"
	"unicode"

	"github.com/alecthomas/kong"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/localpg"
)

// russianUsage words a fault of usage that kong found.
func russianUsage(err error) string {
	words := strings.NewReplacer(
		"unexpected argument", "лишний аргумент", "unexpected flag argument", "лишнее значение ключа",
		"unexpected token", "лишнее", "unknown flag", "неизвестный ключ",
		"missing flags:", "не хватает ключей:", "missing positional arguments", "не хватает аргументов",
		"missing value, expecting \"<arg>,...\"", "нужно значение, можно несколько через запятую",
		"bool value must be true, 1, yes, false, 0 or no", "ожидается true или false",
		"expected string value but got \"EOL\" (<EOL>)", "нужно значение",
		"expected int value but got \"EOL\" (<EOL>)", "нужно число",
		"; perhaps try ", "; может быть, ", "(<EOL>)", "", "\"EOL\"", "конец строки",
		"expected one of", "ожидается одно из", "must be one of", "допускает только", " but got", ", а дано",
		"did you mean one of", "может быть, одно из", "did you mean", "может быть,",
		"expected a valid 64 bit int", "ожидается целое число", "expected string value", "ожидается значение", "expected", "ожидается",
		"=STRING", "=СТРОКА", "=INT", "=ЧИСЛО",
	).Replace(err.Error())
	if rest, found := strings.CutPrefix(words, "лишний аргумент "); found && wantsCommand(err) {
		name, near, _ := strings.Cut(rest, ",")
		if words = "нет такой команды «" + name + "»"; near != "" {
			words += "," + near
		}
	}
	if regexp.MustCompile(`неизвестный ключ -\d`).MatchString(words) {
		words, _, _ = strings.Cut(words, ", может быть")
		words += ": перед адресом с минусом ставится «--», например: otklik source add --region khabarovsk -- vk_wall -123"
	}
	return words
}

// wantsCommand reports whether the name of a command was due where a fault of
// usage was found.
func wantsCommand(err error) bool {
	var parse *kong.ParseError
	if !errors.As(err, &parse) || parse.Context == nil || len(parse.Context.Path) == 0 {
		return false
	}
	node := parse.Context.Path[len(parse.Context.Path)-1].Node()
	return node != nil && len(node.Children) > 0
}

// russianFault words what ended a command: what is wrong and what to do about
// it. What the machine itself says comes last, as it is.
func russianFault(err error) string {
	text := err.Error()
	if hasRussian(text) {
		return text
	}
	if words := knownFault(err); words != "" {
		return words
	}
	return "не получилось. " + details(err)
}

// details are what the machine says, on one line.
func details(err error) string {
	return "Подробности: «" + strings.Join(strings.Fields(err.Error()), " ") + "»"
}

// worded is an error in words for people; what caused it is still found by
// errors.Is.
type worded struct {
	words string
	cause error
}

// Error implements error.
func (w worded) Error() string { return w.words }

// Unwrap gives the cause.
func (w worded) Unwrap() error { return w.cause }

func hasRussian(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) })
}

func knownFault(err error) string {
	var missing *localpg.NotInstalledError
	var held *localpg.HeldError
	var taken *storage.CodeTakenError
	switch {
	case errors.As(err, &taken):
		return codeTakenWords(taken.Code, taken.Region, taken.Other)
	case errors.As(err, &missing):
		return notInstalled(missing)
	case errors.As(err, &held):
		return heldWords(held)
	case errors.Is(err, localpg.ErrBusy):
		return "частную базу сейчас занимает другая команда otklik: повторите, когда она закончит"
	case errors.Is(err, storage.ErrSchema):
		return schemaWords(err)
	case errors.Is(err, domain.ErrUnavailable):
		return "база данных не отвечает: проверьте, что PostgreSQL запущен, адрес и пользователя в DATABASE_URL. " + details(err)
	}
	return cmp.Or(modelWords(err), fileFault(err))
}

// codeTakenWords refuse a second region of one subject code.
func codeTakenWords(code, region, other string) string {
	return fmt.Sprintf("код субъекта «%s» региона «%s» уже у региона «%s»: с него начинаются номера инцидентов, и они совпали бы. "+
		"Впишите в region.yaml одного из пакетов другой code", code, region, other)
}

// schemaWords tell an old schema, which is brought up, from one that is too new
// for this program.
func schemaWords(err error) string {
	var schema *storage.SchemaError
	if !errors.As(err, &schema) {
		return "схема базы не подходит этой версии программы. " + details(err)
	}
	switch {
	case schema.Known != 0:
		return fmt.Sprintf("база новее программы: программа знает схему %d, а базе нужна знающая схему %d. Обновите otklik на этой машине", schema.Known, schema.Needed)
	case schema.Have == 0:
		return "база пуста: выполните «otklik migrate» и запустите снова"
	}
	return fmt.Sprintf("схема базы старая: версия %d, а нужна хотя бы %d. Сделайте копию базы, выполните «otklik migrate» и запустите снова", schema.Have, schema.Needed)
}

func notInstalled(e *localpg.NotInstalledError) string {
	switch {
	case e.Data != "" && e.Found != "":
		return fmt.Sprintf("данные частной базы сделаны PostgreSQL %s, а установлен %s: установите версию %s или перенесите данные через pg_dump",
			e.Data, e.Found, e.Data)
	case e.Found != "":
		return fmt.Sprintf("для частной базы нужен PostgreSQL %d или новее, а установлен %s. Установить: %s. Или задайте DATABASE_URL", localpg.MinVersion, e.Found, e.Install)
	}
	return fmt.Sprintf("для частной базы нужен PostgreSQL %d или новее, здесь его нет. Установить: %s. Или задайте DATABASE_URL", localpg.MinVersion, e.Install)
}

// heldWords tell who serves from the folder, how to end it, and what else helps.
func heldWords(e *localpg.HeldError) string {
	who := "другой serve или demo"
	end := "остановите его"
	if e.Holder.PID != 0 {
		who = fmt.Sprintf("%s (процесс %d, с %s UTC)", e.Holder.Command, e.Holder.PID, e.Holder.Since.Format("02.01.2006 15:04"))
		end = fmt.Sprintf("остановите его (Ctrl-C в его окне или kill %d)", e.Holder.PID)
	}
	return fmt.Sprintf("в папке состояния %s уже работает %s: %s или задайте другую папку в OTKLIK_STATE_DIR; со своими DATABASE_URL и REDIS_URL процессов serve может быть сколько угодно",
		e.Dir, who, end)
}

// fileFault words what the operating system says of a file or an address.
func fileFault(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return fmt.Sprintf("файл %s: %s", path.Path, systemWords(path.Err))
	}
	var network *net.OpError
	if errors.As(err, &network) && network.Op == "listen" {
		return listenWords("", err)
	}
	return ""
}

func systemWords(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "такого файла или папки нет"
	case errors.Is(err, fs.ErrPermission):
		return "нет права его открыть"
	case errors.Is(err, syscall.EISDIR):
		return "это папка, а нужен файл"
	case errors.Is(err, syscall.ENOTDIR):
		return "часть пути — не папка"
	case errors.Is(err, syscall.ENOSPC):
		return "на диске нет места"
	case errors.Is(err, syscall.EROFS):
		return "диск только для чтения"
	}
	return "«" + err.Error() + "»"
}

// listenWords say why an address cannot be listened on and what to do; name is
// the variable or flag that gave it, "" when unknown.
func listenWords(name string, err error) string {
	address := ""
	var network *net.OpError
	if errors.As(err, &network) && network.Addr != nil {
		address = " " + network.Addr.String()
	}
	if name != "" {
		name = " (" + name + ")"
	}
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Sprintf("адрес%s%s занят другой программой: остановите её (кто держит порт, покажет «ss -ltnp») или задайте другой адрес", address, name)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Sprintf("адреса%s%s у этой машины нет: задайте 127.0.0.1, адрес одного из её интерфейсов или только «:порт»", address, name)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Sprintf("на адрес%s%s нет права: порты ниже 1024 — для root; задайте порт выше", address, name)
	}
	return fmt.Sprintf("адрес%s%s не открывается: нужен вид 127.0.0.1:8080. %s", address, name, details(err))
}
