package dev.muster.internal.operation;

import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One command of a shell as far as it was read: its name, and the word that is being read. It says where a value would
 * be more than a word. Not thread-safe.
 */
final class SimpleCommand {
  private static final Pattern NAME = Pattern.compile("[A-Za-z_]\\w*\\+?");

  // After these there comes a command, too.
  private static final Set<String> LEADING = Set.of(
      "if", "then", "else", "elif", "do", "while", "until", "!", "{", "time", "command", "builtin",
      "exec", "env", "nohup");
  private static final Set<String> UNSURE =
      Set.of("[[", "select", "function", "coproc", "declare", "typeset", "alias", "shopt");
  private static final Set<String> CODE =
      Set.of("eval", "let", "trap", "unset", "read", "getopts", "mapfile", "readarray");
  private static final Set<String> NAMING = Set.of("export", "readonly", "local");
  private static final Set<String> SHELLS = Set.of("sh", "dash", "bash", "ksh", "zsh", "fish");
  // Bash calculates what is assigned to them.
  private static final Set<String> CALCULATED =
      Set.of("RANDOM", "SRANDOM", "SECONDS", "LINENO", "OPTIND", "HISTCMD", "EPOCHSECONDS");

  /** What holds the substitution in which this command stands; null for none. */
  final @Nullable SimpleCommand outer;

  /** The word so far, without its quotes; a substitution is a $. */
  final StringBuilder word = new StringBuilder();

  private boolean inWord;
  private boolean quoted;
  private boolean assigned; // the word began with NAME=
  private boolean slot;
  private boolean slotFirst;
  private boolean brace;

  private boolean start = true; // assignments may come, or the name
  private String name = "";
  private boolean shell; // a word was the name of a shell
  private boolean code; // -c of a shell was read, and not yet the code for it
  private boolean setting; // the word before was an option of a shell that takes a word
  private String before = ""; // the word before this one
  private boolean slotBefore;
  private int words;
  private String reserved = "";
  private @Nullable String target; // the sign of the redirection whose word comes

  SimpleCommand(@Nullable SimpleCommand outer) {
    this.outer = outer;
  }

  /** Begins the next command. */
  void clear() {
    start = true;
    name = "";
    shell = false;
    code = false;
    setting = false;
    before = "";
    slotBefore = false;
    words = 0;
    target = null;
  }

  /** Takes a character that stands for itself; {@code quotes} tells whether it was in quotes of any kind. */
  void add(char c, boolean quotes) {
    if (c == '=' && !quotes && !quoted && !slot && NAME.matcher(word).matches()) {
      assigned = true;
    }
    inWord = true;
    quoted |= quotes;
    word.append(c);
  }

  /** Begins a quoted part of the word, which may be empty. */
  void quote() {
    inWord = true;
    quoted = true;
  }

  /** Takes a brace outside of quotes that is no placeholder; {@code alone} where it is a word of its own. */
  void brace(boolean alone) {
    brace |= inWord || !alone;
  }

  /** Takes a placeholder. */
  void slot() {
    slotFirst |= word.isEmpty();
    inWord = true;
    slot = true;
  }

  boolean inWord() {
    return inWord;
  }

  /** Tells whether the word has a placeholder and another brace. */
  boolean mixed() {
    return brace && slot;
  }

  /** Tells whether the word is that of a redirection. */
  boolean redirected() {
    return target != null;
  }

  /** Tells whether the items of a list are one text here and not a word each. */
  boolean joins() {
    return (start && assigned) || test() || NAMING.contains(name);
  }

  /** Tells whether {@code ( )} here would make a function of the word before. */
  boolean names() {
    return inWord ? start && !slot && !assigned : words == 1 && !start;
  }

  /** Tells whether a subshell may begin here. */
  boolean opens() {
    return !inWord && start && target == null;
  }

  /** Takes the sign of a redirection. */
  void redirect(String sign) {
    if (inWord && !quoted && word.chars().allMatch(Character::isDigit)) {
      clearWord(); // the number of a file
    }
    endWord();
    target = sign;
  }

  /** Ends the word; returns it where nothing after it is certain, else an empty text. */
  String endWord() {
    if (!inWord) {
      return "";
    }
    String ended = word.toString();
    String unsure = "";
    reserved = "";
    if (target != null) {
      target = null;
    } else {
      words++;
      if (start && !assigned) {
        unsure = UNSURE.contains(ended.replace("$", "")) ? ended : "";
        name = slot ? "" : ended.replace("$", ""); // a variable may be empty
        boolean plain = !quoted && !slot;
        reserved = plain && (ended.equals("case") || ended.equals("esac")) ? ended : "";
        start = plain && (LEADING.contains(ended) || ended.startsWith("-"));
      } else if (name.equals("local") && ended.startsWith("-")) {
        unsure = ended;
      }
      readShell(ended);
      before = slot ? "" : ended;
      slotBefore = slotFirst;
    }
    clearWord();
    return unsure;
  }

  // Options may stand between -c and the code: sh -ce CODE, bash -c -o pipefail CODE.
  private void readShell(String ended) {
    if (shell) {
      boolean option = ended.matches("[-+].*") && !slot;
      code = option ? code || ended.matches("-[A-Za-z]*c[A-Za-z]*") : code && setting;
      setting = option && ended.matches("[-+][A-Za-z]*[oO][A-Za-z]*");
    }
    String program = ended.substring(ended.lastIndexOf('/') + 1);
    shell |= SHELLS.contains(program.replace("$", ""));
  }

  private void clearWord() {
    inWord = false;
    quoted = false;
    assigned = false;
    slot = false;
    slotFirst = false;
    brace = false;
    word.setLength(0);
  }

  /** Returns {@code case} or {@code esac} where the word that was ended last is that; else an empty text. */
  String reserved() {
    return reserved;
  }

  private boolean test() {
    return name.equals("[") || name.equals("test");
  }

  /** Returns why a placeholder cannot stand here and what to write, or null if it can. */
  @Nullable
  String refusal(String placeholder) {
    for (SimpleCommand each = this; each != null; each = each.outer) {
      String code = each.code(placeholder);
      if (code != null) {
        return code;
      }
    }
    String read = word.toString();
    if (target != null) {
      return target.endsWith("&")
          ? "stands after >& or <&, which take the number of a file; write that number"
          : null;
    }
    if (!start && test() && slotBefore && word.isEmpty()) {
      return "comes after another one in " + name
          + ", where a value could be an operator; write the operator between them";
    }
    if (!start && NAMING.contains(name) && !read.matches("(?s)[A-Za-z_]\\w*=.*")) {
      return "stands where " + name + " takes the name of a variable; write " + name + " NAME="
          + placeholder;
    }
    return null;
  }

  // Says where a value would be carried out.
  private @Nullable String code(String placeholder) {
    if (target != null) {
      return null;
    }
    String text = word.toString();
    if (start) {
      int equals = text.indexOf('=');
      String to = equals < 0 ? "" : text.substring(0, equals).replace("+", "");
      if (text.matches("(?s)[A-Za-z_]\\w*\\[.*")) {
        return "stands in an element of an array, where bash calculates; write it without arrays";
      }
      return assigned && CALCULATED.contains(to)
          ? "is assigned to " + to + ", which bash calculates; choose another name"
          : null;
    }
    if (CODE.contains(name)) {
      return "is an argument of " + name + ", which reads it as code; "
          + (name.equals("let")
              ? "calculate with $(( )), which takes whole numbers"
              : "write the command without " + name);
    }
    if ((name.equals("printf") && before.equals("-v")) || (test() && before.matches("-[vR]"))) {
      return "stands where " + name + " takes the name of a variable; write that name";
    }
    if (code) {
      return "stands in code for another shell; write sh -c 'echo \"$1\"' sh " + placeholder
          + ", so that the value is an argument";
    }
    return null;
  }
}
