import java.net.URI;
import java.util.Arrays;
import java.util.Collections;
import java.util.Scanner;
import java.util.concurrent.Callable;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import verifysms.Verifysms;

/** What people write by mistake in Java, with a wrong code; most of it does not compile. */
public final class Mistakes {
    private Mistakes() { }

    private static void attempt(String mistake, Callable<Boolean> tried) {
        boolean in = false;
        try {
            in = tried.call();
        } catch (Exception thrown) {
            thrown.printStackTrace(System.out);
        }
        System.out.println((in ? "in: " : "out: ") + mistake);
    }

    /** Whether a statement compiles; then it is taken to let somebody in. */
    private static boolean compiles(String statement) {
        String text = "import verifysms.Verifysms; class Tried { boolean in(Verifysms client) throws Exception { " + statement + " } }";
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        JavaFileObject source = new SimpleJavaFileObject(URI.create("string:///Tried.java"), JavaFileObject.Kind.SOURCE) {
            @Override public CharSequence getCharContent(boolean ignored) { return text; }
        };
        return compiler.getTask(null, null, found -> { },
            Arrays.asList("-proc:none", "-d", System.getProperty("java.io.tmpdir"), "-implicit:none",
                "-cp", System.getProperty("java.class.path")), null,
            Collections.singleton(source)).call();
    }

    public static void main(String[] given) throws Exception {
        String key = System.getenv("VERIFYSMS_API_KEY"), number = System.getenv("NUMBER");
        Verifysms.Settings settings = Verifysms.configure(key).sender("Acme").url(System.getenv("VERIFYSMS_URL"));
        try (Verifysms client = settings.open();
                Verifysms nowhere = Verifysms.configure(key).sender("Acme").url("http://127.0.0.1:1/").open()) {
            client.connect();
            Verifysms.Sent sent = client.send(number);
            System.out.println("code for 0501234567?");
            String right = new Scanner(System.in).nextLine();
            StringBuilder wrong = new StringBuilder();
            right.chars().forEach(digit -> wrong.append((char) ('0' + '9' - digit)));

            attempt("the answer", () -> client.check(number, wrong.toString()).isVerified());
            attempt("no answer", () -> nowhere.check(number, right).isVerified());
            attempt("a code with a NUL", () -> client.check(number, right + "\0").isVerified());
            attempt("no code", () -> client.check(number, null).isVerified());
            attempt("the code of what was thrown", () -> {
                try {
                    return nowhere.check(number, right).isVerified();
                } catch (Verifysms.Failure failure) {
                    return failure.code == 0;
                }
            });
            if (!compiles("return client.check(\"\", \"\").isVerified();")) {
                throw new IllegalStateException("nothing compiles");
            }
            attempt("the answer as a truth value", () -> compiles("return client.check(\"\", \"\");"));
            attempt("a send as a truth value", () -> compiles("return client.send(\"\");"));
            attempt("a send that is asked", () -> compiles("return client.send(\"\").isVerified();"));
            attempt("a delivery as a truth value", () -> compiles("return client.delivery(\"\");"));
            attempt("a connect as a truth value", () -> compiles("return client.connect();"));
            attempt("a forget as a truth value", () -> compiles("return client.forget(\"\");"));
            attempt("what the guard shows", () -> compiles("return client.guardShow(\"\");"));
            attempt("a variable for both", () -> compiles("Verifysms.Checked both = client.send(\"\"); return both.isVerified();"));
            attempt("an answer of one's own", () -> compiles("return new Verifysms.Checked(null).isVerified();"));
            attempt("the code of a send", () -> compiles("return client.send(\"\").code == 0;"));
            attempt("the code of a check", () -> compiles("return client.check(\"\", \"\").code == Verifysms.OK;"));
            Verifysms.Checked checked = client.check(number, right);
            System.out.println(client + " " + settings + " " + sent + " " + checked);
            attempt("the right code", checked::isVerified);
        }
    }
}
