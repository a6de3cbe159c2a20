namespace OneComp.Export;

/// <summary>Forms that a quantized model can be exported to.</summary>
public enum ExportFormat
{
    /// <summary>gptq v1 (mixed_gptq where layers differ), and dbf: what Hugging Face transformers, vLLM and OneComp's loaders read.</summary>
    Gptq,

    /// <summary>compressed-tensors, pack-quantized: what vLLM loads without a plugin.</summary>
    CompressedTensors,

    /// <summary>One GGUF file that llama.cpp loads with nothing beside it.</summary>
    Gguf,

    /// <summary>Plain half-precision safetensors that any Hugging Face loader takes; as large as the source.</summary>
    Dequantized,
}
