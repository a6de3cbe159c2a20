namespace OneComp.Records;

/// <summary>What a model card says about serving a form.</summary>
internal static class Serving
{
    /// <summary>A paragraph and a command.</summary>
    /// <param name="method">A quant_method, <c>gguf</c>, or null for plain weights.</param>
    /// <param name="name">The folder's name.</param>
    public static string Of(string? method, string name) => method switch
    {
        "gguf" => $"""
            llama.cpp loads the one file, which holds the tokenizer too:

                llama-cli -m {name}.gguf -p "Once upon a time"

            """,
        "compressed-tensors" => $"""
            vLLM loads the folder without a plugin; version 0.13 or newer of compressed-tensors for bits other than 4 and 8:

                vllm serve ./{name} --dtype float16

            Scales are stored in half precision; `--dtype bfloat16` would round them.
            """,
        "gptq" => $"""
            vLLM and Hugging Face transformers (with GPTQModel) load the folder; newer vLLM runs symmetric 4 and 8 bits only:

                vllm serve ./{name} --dtype float16

            For what a server does not run, `Export-OneCompModel -Format CompressedTensors` or `Gguf` writes another form.
            """,
        null => $"""
            Any loader of Hugging Face models takes the folder; it is as large as the source model:

                vllm serve ./{name}

            """,
        _ => """
            Layers differ in their bits or method, which OneComp's loaders and this module read. Other servers take another form:

                Export-OneCompModel ./model -Destination ./served -Format CompressedTensors

            """,
    };
}
