#include "items/innocent.h"

#include <stddef.h>

/*
 * Each is short, so that the reason shows which one it was.  Addresses and
 * markup come first: what is too broad mostly meets them.
 */
const char *const innocent_texts[] = {
	"http://www.example.com/",
	"https://www.example.org/path/to/a/page.html?query=1&more=2#anchor",
	"http://example.net:8080/wiki/index.php/Main_Page",
	"https://en.wikipedia.org/wiki/Wiki",
	"https://de.wikipedia.org/wiki/Hilfe:Seite_bearbeiten",
	"https://moinmo.in/MoinMoinWiki",
	"http://moinmaster.wikiwikiweb.de/BadContent",
	"https://www.python.org/downloads/release/python-2718/",
	"https://docs.python.org/3/library/re.html",
	"https://github.com/example/project/issues/42",
	"https://www.debian.org/doc/manuals/debian-reference/",
	"https://www.gnu.org/licenses/gpl-2.0.html",
	"https://www.kernel.org/pub/linux/kernel/v2.6/",
	"https://www.w3.org/TR/html4/strict.dtd",
	"https://tools.ietf.org/html/rfc3986",
	"ftp://ftp.gnu.org/gnu/diffutils/diffutils-3.8.tar.xz",
	"mailto:webmaster@example.org",
	"alice@example.com, bob.smith@mail.example.co.uk",
	"http://localhost:8000/ and http://127.0.0.1/ and http://192.168.0.1/",
	"= Title =\n== Section ==\n * item\n  1. number\n||cell||cell||",
	"{{{#!python\nimport os\nfor name in os.listdir('.'):\n    print name\n}}}",
	"[[FrontPage|the front page]] [[attachment:picture.png]] {{logo.gif}}",
	"<<TableOfContents>> <<Include(HelpOnEditing)>> <<BR>> <<DateTime>>",
	"#format wiki\n#language en\n#acl All:read,write",
	"CategoryHomepage CategoryHelp WikiSandBox RecentChanges FindPage",
	"'''bold''' ''italic'' __underline__ ^super^ ,,sub,, ~-smaller-~",
	"-- AliceSmith <<DateTime(2008-02-29T23:59:59Z)>> @SIG@ ----",
	"<a href=\"/wiki/Page\">link</a> <img src=\"logo.png\" alt=\"logo\">",
	"int main(void) { return printf(\"hello, world\\n\") < 0; }",
	"SELECT name, count(*) FROM pages WHERE date > '2006-01-01' GROUP BY 1;",
	"$ tar -czf backup.tar.gz --exclude='*.pyc' /srv/moin/data && ls -la",
	"The quick brown fox jumps over the lazy dog.",
	"Welcome to our wiki! Please feel free to edit this page.",
	"This page was last edited on 12 March 2007 by its author.",
	"I have moved the discussion to a page of its own; see the link above.",
	"Thanks for the help, it works now with the new version.",
	"There is a bug in the parser when a table has more than one header.",
	"You can download the source and the documentation for free.",
	"Please send comments and patches to the mailing list.",
	"Our next meeting will be on Monday at 10:30 in room 42.",
	"The price of the ticket is 25.00 EUR, or 30 dollars, online or at the "
	"door.",
	"He bought a new car, a house by the lake and a cheap flight to Rome.",
	"The doctor said that a healthy diet and sleep are the best medicine.",
	"Music, films, games, sports, travel, hotels, maps, weather and news.",
	"Students write essays; teachers read them and give credit for them.",
	"My mother's phone rings when someone loans her a book about insurance.",
	"Essex, Sussex and Middlesex; a specialist in Scunthorpe; cocktails.",
	"Click on the button to search, or use the menu on the left side.",
	"To install it, run the following commands as root and restart Apache.",
	"Dies ist eine Seite des Wikis; jeder darf sie bearbeiten und verbessern.",
	"Cette page est un brouillon; merci de ne pas la modifier pour l'instant.",
	"Esta p\u00e1gina explica c\u00f3mo editar el texto y a\u00f1adir im\u00e1genes.",
	"Questa pagina descrive come si usa il programma e dove si trova.",
	"Esta p\u00e1gina n\u00e3o existe ainda; voc\u00ea pode cri\u00e1-la agora.",
	"Deze pagina gaat over de installatie van de software op een server.",
	"Den h\u00e4r sidan beskriver hur man redigerar en text i wikin.",
	"Ta strona opisuje, jak edytowa\u0107 tekst i dodawa\u0107 za\u0142\u0105czniki.",
	"\u042d\u0442\u0430 \u0441\u0442\u0440\u0430\u043d\u0438\u0446\u0430 "
	"\u043e\u043f\u0438\u0441\u044b\u0432\u0430\u0435\u0442 "
	"\u0440\u0430\u0431\u043e\u0442\u0443 \u0441 \u0432\u0438\u043a\u0438.",
	"\u3053\u306e\u30da\u30fc\u30b8\u306f\u30a6\u30a3\u30ad\u306e"
	"\u4f7f\u3044\u65b9\u3092\u8aac\u660e\u3057\u307e\u3059\u3002",
	"\u8fd9\u4e2a\u9875\u9762\u4ecb\u7ecd\u5982\u4f55\u7f16\u8f91"
	"\u7ef4\u57fa\u3002",
	"January February March April May June July August September October "
	"November December Monday Tuesday Wednesday Thursday Friday Saturday "
	"Sunday",
	"0123456789 abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ",
	".,;:!?-_+*/=<>()[]{}|\\\"'`~@#$%^&",
	NULL,
};
