# SPDX-License-Identifier: GPL-3.0-or-later
# Turns text files into one C file of NUL-terminated byte arrays: report.css becomes `const char template_report_css[]`.
# Use: awk -f rig/report/embed.awk reports/template/* >build/gen/template.c
# Numbers rather than string literals, so that no compiler's limit on the length of a literal matters; every line ends in a line feed.
# ASCII only (write &times; for a sign beyond it): then the locale in which awk runs cannot change the bytes.
BEGIN {
    for (i = 1; i < 128; i++)
        code[sprintf("%c", i)] = i
    print "/* Made by rig/report/embed.awk from reports/template: do not edit. */"
    print "#include \"report/template.h\"\n"
}
FNR == 1 {
    if (open)
        print "    0,\n};\n"
    open = 1
    name = FILENAME
    sub(/^.*\//, "", name)
    gsub(/[^A-Za-z0-9]/, "_", name)
    print "const char template_" name "[] = {"
}
{
    row = "   "
    for (i = 1; i <= length($0); i++) {
        c = substr($0, i, 1)
        if (!(c in code)) {
            print FILENAME ":" FNR ":" i ": not ASCII: write an entity or an escape" >"/dev/stderr"
            failed = 1
            exit 1
        }
        row = row " " code[c] ","
    }
    print row " 10,"
}
END {
    if (!failed && open)
        print "    0,\n};"
}
